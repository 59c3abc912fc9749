package dev.expanse.jobs.training;

import dev.expanse.jobs.averaging.OuterOptimizer;
import dev.expanse.jobs.averaging.RoundReport;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** Makes the rounds of one training. */
interface Rounds extends AutoCloseable {
  /** The network, which each round changes. */
  ComputationGraph graph();

  /** The outer optimizer, which Deeplearning4j's master has not. */
  Optional<OuterOptimizer> outer();

  /**
   * Makes a round.
   *
   * @param stepsAfter steps of the run when it is over
   * @return the loss
   */
  double make(RoundPlan.Span round, long stepsAfter);

  /** Where the time of the last round went, which Deeplearning4j's master doesn't tell. */
  Optional<RoundReport> report();

  /**
   * Makes the batch norms' statistics those of training images under the weights as they are.
   *
   * @param images about so many, of an epoch behind the last one
   */
  void recomputeStatistics(long images);

  /**
   * Sets what the network knows of how long it has been trained, which Deeplearning4j saves with
   * it. Deeplearning4j itself counts a round as an epoch.
   *
   * @param epochs epochs that have been begun
   * @param steps of each worker
   */
  default void goOn(int epochs, long steps) {
    graph().getConfiguration().setIterationCount(Math.toIntExact(steps));
    graph().getConfiguration().setEpochCount(epochs);
  }

  /** Frees what the rounds needed, but not the network. */
  @Override
  void close();
}
