package dev.expanse.jobs.training;

import dev.expanse.jobs.averaging.AveragingMaster;
import dev.expanse.jobs.averaging.OuterOptimizer;
import dev.expanse.jobs.averaging.RoundReport;
import dev.expanse.jobs.input.RoundMinibatches;
import dev.expanse.jobs.input.TrainingInput;
import dev.expanse.jobs.input.WorkerInput;
import dev.expanse.jobs.progress.JobDescription;
import dev.expanse.jobs.recipe.Averaging.Master;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;

/** Rounds on Spark: minibatches for the workers, and the master that averages what they learn. */
final class AveragedRounds implements Rounds {
  private final JavaSparkContext spark;
  private final String outer; // description of the jobs around the training's
  private final String training;
  private final int count;
  private final Broadcast<TrainingInput> input;
  private final Broadcast<SerializableConfiguration> hadoop;
  private final WorkerSetup setup;
  private final ComputationGraph graph;
  private final Optional<AveragingMaster> own;
  private final SparkComputationGraph network;
  private List<String> locations = List.of(); // of the workers in the last round

  /** With the master that the recipe names. */
  AveragedRounds(JavaSparkContext spark, TrainingPlan plan) {
    this.spark = spark;
    this.outer = JobDescription.current(spark);
    this.training = JobDescription.joined(outer, plan.description());
    this.count = plan.rounds().count();
    this.graph = plan.freshGraph();
    var input = plan.input();
    this.input = spark.broadcast(input);
    this.hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    this.setup =
        new WorkerSetup(
            plan.compute(), plan.seed(), input.recipe().regularization().gradientClipping());
    var averaging = input.recipe().averaging();
    if (averaging.master() == Master.EXPANSE) {
      var outer = new OuterOptimizer(averaging.outer());
      own = Optional.of(new AveragingMaster(averaging.averageUpdater(), outer));
      own.get().addHook(setup);
      network = new SparkComputationGraph(spark, graph, own.get());
    } else {
      own = Optional.empty();
      network = new SparkComputationGraph(spark, graph, stock(input));
    }
  }

  private ParameterAveragingTrainingMaster stock(TrainingInput input) {
    var recipe = input.recipe();
    var master =
        new ParameterAveragingTrainingMaster.Builder(input.plan().workers(), recipe.batch())
            .batchSizePerWorker(recipe.batch())
            .averagingFrequency(Math.min(recipe.averaging().frequency(), input.plan().steps()))
            .rddTrainingApproach(RDDTrainingApproach.Direct)
            .repartionData(Repartition.Never)
            .storageLevel(null) // minibatches are made once, and not kept
            .workerPrefetchNumBatches(0)
            .saveUpdater(true) // by default the momentum is lost every round
            .build();
    master.addHook(setup);
    return master;
  }

  @Override
  public ComputationGraph graph() {
    return graph;
  }

  private TrainingInput input() {
    return input.value();
  }

  @Override
  public Optional<OuterOptimizer> outer() {
    return own.map(AveragingMaster::outer);
  }

  @Override
  public double make(RoundPlan.Span round, long stepsAfter) {
    // until the next one: what is evaluated or written before it is of this round's weights
    spark.setJobDescription(JobDescription.joined(training, round.description(count)));
    long before = stepsAfter - (round.end() - round.first());
    goOn(round.epoch() - 1, before);
    setup.beginRound(Math.toIntExact(before));
    own.ifPresent(master -> master.warmUp(round.warmUp()));
    network.fitMultiDataSet(minibatches(round.epoch(), round.first(), round.end()));
    report().ifPresent(report -> locations = report.locations());
    return network.getScore();
  }

  @Override
  public Optional<RoundReport> report() {
    return own.map(AveragingMaster::report);
  }

  @Override
  public void recomputeStatistics(long images) {
    var plan = input().plan();
    long all = (long) plan.workers() * plan.batch();
    int steps = (int) Math.min(plan.steps(), Math.max(1, images / all));
    setup.beginStatistics();
    JobDescription.during(
        spark,
        "statistics of batch norms",
        () -> {
          var minibatches = minibatches(input().epochs(), 0, steps);
          own.orElseThrow().recomputeStatistics(network, minibatches);
          return steps;
        });
  }

  private RoundMinibatches minibatches(int epoch, int first, int end) {
    return RoundMinibatches.of(
        spark, input, hadoop, epoch, first, end, Placement.next(locations, executors()));
  }

  private int executors() {
    int others = spark.sc().getExecutorMemoryStatus().size() - 1; // than the driver
    return Math.max(1, others); // none in local mode, or for a moment when the last one is lost
  }

  @Override
  public void close() {
    spark.setJobDescription(outer);
    own.ifPresent(AveragingMaster::close);
    WorkerInput.close(input().run()); // those in this process, in local mode
    input.destroy();
    hadoop.destroy();
  }
}
