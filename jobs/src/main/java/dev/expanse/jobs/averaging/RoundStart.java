package dev.expanse.jobs.averaging;

import dev.expanse.core.dl4j.RunningStatistics;
import java.io.Serializable;

/**
 * What all workers begin a round with.
 *
 * @param training tells this training from others in the same executor
 * @param workers how many there are
 * @param configuration the graph's, as JSON
 * @param iteration steps that each worker has taken before
 * @param epoch as Deeplearning4j counts it
 * @param parameters flat
 * @param updater the updater's state, flat
 * @param averageUpdater whether the workers send theirs back
 * @param statistics where the batch norms' statistics are among the parameters
 * @param pass what is done with the minibatches
 */
record RoundStart(
    String training,
    int workers,
    String configuration,
    int iteration,
    int epoch,
    float[] parameters,
    float[] updater,
    boolean averageUpdater,
    RunningStatistics statistics,
    Pass pass)
    implements Serializable {

  /** What a worker does with its minibatches. */
  enum Pass {
    /** A training step on each. */
    TRAIN,
    /** The weights stay; batch norms' statistics become those of all minibatches. */
    STATISTICS
  }

  /** How many values a worker sends back. */
  int sentBack() {
    return parameters.length + (averageUpdater ? updater.length : 0);
  }

  /** Bytes of the values that a worker is sent. */
  long bytes() {
    return (long) Float.BYTES * (parameters.length + updater.length);
  }
}
