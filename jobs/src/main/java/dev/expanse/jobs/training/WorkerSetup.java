package dev.expanse.jobs.training;

import dev.expanse.core.dl4j.GradientClipping;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.input.Seeds;
import dev.expanse.jobs.metrics.TrainingMetrics;
import org.apache.spark.TaskContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.api.TrainingHook;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Before each step of a worker: as many threads as the task has cores, and random numbers (for
 * dropout) that differ between workers and steps but not between runs. Before the first step of a
 * round also the step count, which Deeplearning4j loses when it copies the network for a worker, so
 * that every round would begin with the first learning rate; and clipping, which is a listener's.
 * After each step it is counted in the {@link TrainingMetrics} of where the worker is.
 */
final class WorkerSetup implements TrainingHook {
  private static final long serialVersionUID = 1L;

  private final Compute compute;
  private final long seed;
  private final double gradientClipping;
  private int stepsBefore;
  private boolean trains;
  private transient boolean started;

  /**
   * The setup of all workers.
   *
   * @param gradientClipping the largest norm of a gradient, or 0
   */
  WorkerSetup(Compute compute, long seed, double gradientClipping) {
    this.compute = compute;
    this.seed = seed;
    this.gradientClipping = gradientClipping;
  }

  /** On the driver, before a round: how many steps each worker has taken so far. */
  void beginRound(int stepsTaken) {
    stepsBefore = stepsTaken;
    begin(true);
  }

  /** Before steps that do not train: they are only to see images, and are not counted. */
  void beginStatistics() {
    begin(false);
  }

  private void begin(boolean training) {
    trains = training;
    started = false; // where this is the worker's own, not a copy that was sent to it
  }

  @Override
  public void preUpdate(MultiDataSet minibatch, Model model) {
    compute.use();
    var graph = (ComputationGraph) model;
    var configuration = graph.getConfiguration();
    if (!started) {
      configuration.setIterationCount(stepsBefore);
      if (gradientClipping > 0) {
        graph.setListeners(new GradientClipping(gradientClipping));
      }
      started = true;
    }
    long step = configuration.getIterationCount();
    long worker = Seeds.mix(seed, TaskContext.getPartitionId());
    Nd4j.getRandom().setSeed(Seeds.mix(worker, step));
  }

  @Override
  public void preUpdate(DataSet minibatch, Model model) {
    throw new IllegalStateException("Networks are trained on a MultiDataSet");
  }

  @Override
  public void postUpdate(MultiDataSet minibatch, Model model) {
    if (trains) {
      int images = Math.toIntExact(minibatch.getFeatures(0).size(0));
      TrainingMetrics.here().step(images, model.score());
    }
  }

  @Override
  public void postUpdate(DataSet minibatch, Model model) {}
}
