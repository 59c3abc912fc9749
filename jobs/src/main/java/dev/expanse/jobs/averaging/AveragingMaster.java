package dev.expanse.jobs.averaging;

import dev.expanse.jobs.averaging.RoundStart.Pass;
import dev.expanse.jobs.averaging.Slices.Average;
import dev.expanse.jobs.averaging.Slices.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Averages the parameters of workers, through {@link SparkComputationGraph}. One call of {@code
 * fitMultiDataSet} is one round, and each partition of its RDD is a worker, which takes a step on
 * each of its minibatches; a worker's minibatches need not be as many or as large as another's.
 *
 * <p>The parameters go out by broadcast. What comes back is summed slice by slice on the executors,
 * weighted by the images that each worker has really seen ({@link Slices}); the driver gets one
 * copy, whatever the number of workers. Batch norms' statistics are combined as moments, so that
 * variances include what differs between the workers. Learning-rate schedules go by the steps that
 * were really taken. Equal RDDs give equal parameters, bit for bit, also after failures, if a
 * minibatch and the step on it always come out alike.
 */
public final class AveragingMaster extends GraphMaster<RoundResult, RoundWorker>
    implements AutoCloseable {
  private final String training = UUID.randomUUID().toString();
  private final boolean averageUpdater;
  private final OuterOptimizer outer;
  private boolean warmUp;
  private String configuration;
  private RoundReport report;

  /**
   * A master for one training of one network.
   *
   * @param averageUpdater whether the updaters' states (momenta) are averaged as well; if not, each
   *     round begins with the graph's own
   * @param outer what is done with an average
   */
  public AveragingMaster(boolean averageUpdater, OuterOptimizer outer) {
    this.averageUpdater = averageUpdater;
    this.outer = outer;
  }

  /** The last round, as measured. */
  public RoundReport report() {
    return report;
  }

  /** What is done with an average, and its state. */
  public OuterOptimizer outer() {
    return outer;
  }

  /**
   * Whether the rounds that follow take the average as it is, for they are single steps: what a
   * step changes is moved by the updater's own momentum already.
   */
  public void warmUp(boolean warmingUp) {
    warmUp = warmingUp;
  }

  @Override
  public RoundWorker getWorkerInstance(SparkComputationGraph network) {
    var sent = network.getSparkContext().broadcast(start(network, 1, Pass.TRAIN));
    return new RoundWorker(sent::value, hooks());
  }

  @Override
  public void executeTrainingMDS(SparkComputationGraph network, JavaRDD<MultiDataSet> minibatches) {
    var graph = network.getNetwork();
    var start = start(network, minibatches.getNumPartitions(), Pass.TRAIN);
    var average = average(network, minibatches, start);
    GraphState.setParameters(
        graph,
        warmUp
            ? average.parameters()
            : outer.step(start.parameters(), average.parameters(), start.statistics()));
    if (averageUpdater) {
      GraphState.setUpdater(graph, average.updater());
    }
    graph.getConfiguration().setIterationCount(start.iteration() + report.steps());
    network.setScore(report.loss());
  }

  /**
   * Leaves the weights as they are, and makes the batch norms' statistics those of all minibatches
   * under these weights, instead of running averages under weights of before (as in Izmailov et
   * al., "Averaging Weights Leads to Wider Optima", 2018, section 3.2).
   */
  public void recomputeStatistics(
      SparkComputationGraph network, JavaRDD<MultiDataSet> minibatches) {
    var start = start(network, minibatches.getNumPartitions(), Pass.STATISTICS);
    var average = average(network, minibatches, start);
    GraphState.setParameters(network.getNetwork(), average.parameters());
  }

  /** The averages of what the workers have after a round. */
  private record Averages(float[] parameters, float[] updater) {}

  private RoundStart start(SparkComputationGraph network, int workers, Pass pass) {
    var graph = network.getNetwork();
    return RoundStart.of(training, workers, configuration(graph), graph, averageUpdater, pass);
  }

  /** Made once: what changes in it, the counts of steps and epochs, travels beside it. */
  private String configuration(ComputationGraph graph) {
    if (configuration == null) {
      configuration = graph.getConfiguration().toJson();
    }
    return configuration;
  }

  private Averages average(
      SparkComputationGraph network, JavaRDD<MultiDataSet> minibatches, RoundStart start) {
    long began = System.nanoTime();
    int parameters = start.parameters().length;
    var slices = Slices.of(start.sentBack(), start.workers());
    var sent = network.getSparkContext().broadcast(start);
    try {
      var averages =
          collect(minibatches, new WorkerTask(new RoundWorker(sent::value, hooks()), slices));
      var reports =
          averages.stream()
              .flatMap(average -> average.reports().stream())
              .sorted(Comparator.comparingInt(WorkerReport::worker))
              .toList();
      report = RoundReport.of(reports, (System.nanoTime() - began) / 1e9, bytes(start, reports));
      if (report.images() == 0) {
        throw new IllegalArgumentException("Cannot average over no minibatch");
      }
      var values = slices.join(averages);
      var average = Arrays.copyOf(values, parameters);
      if (start.workers() > 1) {
        start.statistics().toVariances(average, start.parameters());
      }
      return new Averages(average, Arrays.copyOfRange(values, parameters, values.length));
    } finally {
      sent.destroy();
    }
  }

  private static List<Average> collect(JavaRDD<MultiDataSet> minibatches, WorkerTask task) {
    JavaPairRDD<Integer, Part> parts =
        minibatches
            .mapPartitionsWithIndex(task::run, true)
            .mapToPair(part -> part)
            .partitionBy(new HashPartitioner(task.slices().count()));
    try {
      return parts
          .mapPartitionsWithIndex(
              (slice, shares) -> {
                var list = new ArrayList<Part>();
                shares.forEachRemaining(share -> list.add(share._2()));
                return List.of(Slices.average(slice, list)).iterator();
              },
              true)
          .collect();
    } finally {
      parts.rdd().cleanShuffleDependencies(false); // Spark itself waits for a garbage collection
    }
  }

  /** To each worker, from each worker that has something to send, and from the slices' tasks. */
  private static long bytes(RoundStart start, List<WorkerReport> reports) {
    long senders = reports.stream().filter(report -> report.images() > 0).count();
    return start.bytes() * reports.size() + (long) Float.BYTES * start.sentBack() * (senders + 1);
  }

  /** Frees the workers' networks in this process, where the workers are in local mode. */
  @Override
  public void close() {
    Replica.close(training);
  }
}
