package dev.expanse.jobs.training;

import dev.expanse.jobs.evaluation.EvaluationCounts;

/**
 * An evaluation on the split {@code val} during a training.
 *
 * @param round the round after which it was made
 * @param counts what it has counted
 * @param seconds how long it took
 */
public record Evaluated(Round round, EvaluationCounts counts, double seconds) {}
