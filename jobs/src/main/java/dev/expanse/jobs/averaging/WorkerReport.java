package dev.expanse.jobs.averaging;

import java.io.Serializable;

/**
 * What a worker tells of its round.
 *
 * @param worker from 0
 * @param steps how many it has taken
 * @param images how many it has seen
 * @param loss sum over its images of the loss, weight penalty included
 * @param computeSeconds time in training steps
 * @param inputSeconds time spent waiting for minibatches
 * @param location where it ran, as Spark's scheduler names an executor
 */
record WorkerReport(
    int worker,
    int steps,
    long images,
    double loss,
    double computeSeconds,
    double inputSeconds,
    String location)
    implements Serializable {}
