package dev.expanse.bench;

import dev.expanse.jobs.compute.Compute;
import java.io.Serializable;
import java.util.Collection;
import java.util.stream.Collectors;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.CollectionAccumulator;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.spark.api.TrainingHook;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Tells the driver how long each step of each worker has taken, whichever master makes it. */
final class StepClock implements TrainingHook {
  private static final long serialVersionUID = 1L;

  private final Compute compute;
  private final CollectionAccumulator<Step> steps;
  private transient long began;

  private record Step(int worker, double seconds) implements Serializable {}

  StepClock(Compute compute, JavaSparkContext spark) {
    this.compute = compute;
    steps = spark.sc().collectionAccumulator("steps");
  }

  /** Forgets what was. */
  void reset() {
    steps.reset();
  }

  /** Seconds in steps of each worker that has taken one. */
  Collection<Double> secondsOfWorkers() {
    return steps.value().stream()
        .collect(Collectors.groupingBy(Step::worker, Collectors.summingDouble(Step::seconds)))
        .values();
  }

  @Override
  public void preUpdate(MultiDataSet minibatch, Model model) {
    compute.use();
    began = System.nanoTime();
  }

  @Override
  public void postUpdate(MultiDataSet minibatch, Model model) {
    steps.add(new Step(TaskContext.getPartitionId(), (System.nanoTime() - began) / 1e9));
  }

  @Override
  public void preUpdate(DataSet minibatch, Model model) {
    throw new IllegalStateException("Networks are trained on a MultiDataSet");
  }

  @Override
  public void postUpdate(DataSet minibatch, Model model) {
    throw new IllegalStateException("Networks are trained on a MultiDataSet");
  }
}
