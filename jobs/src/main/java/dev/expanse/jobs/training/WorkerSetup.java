package dev.expanse.jobs.training;

import dev.expanse.core.dl4j.GradientClipping;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.input.Seeds;
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
 */
final class WorkerSetup implements TrainingHook {
  private static final long serialVersionUID = 1L;

  private final Compute compute;
  private final long seed;
  private final double gradientClipping;
  private int stepsBefore;
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
    beginTask();
  }

  /** Where the worker is: its next step is the first of a task, for which nothing is set up yet. */
  void beginTask() {
    started = false;
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
  public void postUpdate(MultiDataSet minibatch, Model model) {}

  @Override
  public void postUpdate(DataSet minibatch, Model model) {}
}
