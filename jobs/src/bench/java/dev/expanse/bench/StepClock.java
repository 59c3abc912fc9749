package dev.expanse.bench;

import dev.expanse.jobs.compute.Compute;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
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
  private transient long beganCpu;

  private record Step(int worker, double seconds, double cpuSeconds) implements Serializable {}

  StepClock(Compute compute, JavaSparkContext spark) {
    this.compute = compute;
    steps = spark.sc().collectionAccumulator("steps");
  }

  /** Forgets what was. */
  void reset() {
    steps.reset();
  }

  /** Seconds in steps of each worker that has taken one, in the workers' order. */
  List<Double> secondsOfWorkers() {
    return sums(Step::seconds);
  }

  /** CPU seconds, in steps, of the thread that takes a worker's steps. */
  List<Double> cpuSecondsOfWorkers() {
    return sums(Step::cpuSeconds);
  }

  private List<Double> sums(ToDoubleFunction<Step> figure) {
    var sums =
        steps.value().stream()
            .collect(
                Collectors.groupingBy(
                    Step::worker, TreeMap::new, Collectors.summingDouble(figure)));
    return List.copyOf(sums.values());
  }

  @Override
  public void preUpdate(MultiDataSet minibatch, Model model) {
    compute.use();
    beganCpu = cpuNanos();
    began = System.nanoTime();
  }

  @Override
  public void postUpdate(MultiDataSet minibatch, Model model) {
    double seconds = (System.nanoTime() - began) / 1e9;
    double cpuSeconds = (cpuNanos() - beganCpu) / 1e9;
    steps.add(new Step(TaskContext.getPartitionId(), seconds, cpuSeconds));
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
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
