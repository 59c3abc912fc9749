package dev.expanse.jobs.averaging;

import dev.expanse.core.dl4j.RunningStatistics;
import java.io.Serializable;
import org.deeplearning4j.nn.graph.ComputationGraph;

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

  /**
   * What a graph is when a round begins.
   *
   * @param averageUpdater whether training changes the updater's state from round to round
   */
  static RoundStart of(
      String training,
      int workers,
      String configuration,
      ComputationGraph graph,
      boolean averageUpdater,
      Pass pass) {
    return new RoundStart(
        training,
        workers,
        configuration,
        graph.getConfiguration().getIterationCount(),
        graph.getConfiguration().getEpochCount(),
        GraphState.parameters(graph),
        GraphState.updater(graph),
        averageUpdater && pass == Pass.TRAIN,
        RunningStatistics.of(graph),
        pass);
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
