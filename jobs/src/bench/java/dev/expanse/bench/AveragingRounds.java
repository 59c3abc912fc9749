package dev.expanse.bench;

import dev.expanse.core.dl4j.Engine;
import dev.expanse.jobs.averaging.AveragingMaster;
import dev.expanse.jobs.averaging.OuterOptimizer;
import dev.expanse.jobs.compute.Compute;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.api.TrainingMaster;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Rounds with each master, on the same two worker processes, of equal graphs on the engine onednn.
 * A worker's minibatches are one that is made once and repeated, so that input costs nothing; time
 * in steps is taken around each of them in the worker ({@link StepClock}), alike for all masters.
 */
final class AveragingRounds implements AutoCloseable {
  private static final int TINY_SIDE = 4;
  private static final String MEMORY_MB = "1024";

  private final AveragingWorkload workload;
  private final JavaSparkContext spark;
  private final StepClock clock;
  private final SparkTraffic traffic = new SparkTraffic();
  private final Map<Key, Training> trainings = new HashMap<>();

  /** Deeplearning4j's master is made for a number of steps; ours takes any, and has 0 here. */
  private record Key(AveragingKind kind, String network, int steps) {}

  private record Training(
      SparkComputationGraph network, MadeUpImages images, Optional<AveragingMaster> own) {
    List<String> locations() {
      return own.map(AveragingMaster::report).map(report -> report.locations()).orElse(List.of());
    }
  }

  /** Starts Spark with its workers. */
  AveragingRounds(AveragingWorkload workload) {
    this.workload = workload;
    spark = new JavaSparkContext(configuration(workload));
    var compute = new Compute(Engine.ONEDNN, workload.threads());
    compute.use();
    clock = new StepClock(compute, spark);
    spark.sc().addSparkListener(traffic);
  }

  private static SparkConf configuration(AveragingWorkload workload) {
    int cores = workload.threads();
    return new SparkConf()
        .setAppName("Expanse bench " + AveragingWorkload.BENCHMARK)
        .setMaster(
            "local-cluster[" + AveragingWorkload.WORKERS + "," + cores + "," + MEMORY_MB + "]")
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1")
        .set("spark.task.cpus", String.valueOf(cores))
        .set("spark.executor.memory", MEMORY_MB + "m")
        .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
        .set(
            "spark.executor.extraJavaOptions",
            "-Dorg.bytedeco.javacpp.maxbytes=4g -Dorg.bytedeco.javacpp.maxphysicalbytes=8g")
        .set("spark.cores.max", String.valueOf(AveragingWorkload.WORKERS * cores))
        .set("spark.scheduler.minRegisteredResourcesRatio", "1"); // both are there from the start
  }

  /** Makes one. */
  AveragedRound round(AveragingKind kind, String network, int steps) {
    var key = new Key(kind, network, kind == AveragingKind.DL4J ? steps : 0);
    var training = trainings.computeIfAbsent(key, this::training);
    var minibatches = RepeatedMinibatches.of(spark, training.images(), steps, training.locations());
    clock.reset();
    drainEvents();
    traffic.reset();
    long began = System.nanoTime();
    training.network().fitMultiDataSet(minibatches);
    double seconds = (System.nanoTime() - began) / 1e9;
    drainEvents();
    return traffic.round(seconds, clock);
  }

  private void drainEvents() {
    try {
      spark.sc().listenerBus().waitUntilEmpty();
    } catch (java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException("Spark does not tell what it has done", e);
    }
  }

  private Training training(Key key) {
    boolean tiny = key.network().equals(AveragingWorkload.TINY);
    var graph = tiny ? tiny() : network();
    var images =
        new MadeUpImages(
            workload.batch(), tiny ? TINY_SIDE : workload.side(), EngineWorkload.CLASSES);
    if (key.kind() == AveragingKind.DL4J) {
      var network = new SparkComputationGraph(spark, graph, stock(key.steps()));
      return new Training(network, images, Optional.empty());
    }
    var own = new AveragingMaster(true, OuterOptimizer.average());
    own.addHook(clock);
    return new Training(new SparkComputationGraph(spark, graph, own), images, Optional.of(own));
  }

  private TrainingMaster<?, ?> stock(int steps) {
    var master =
        new ParameterAveragingTrainingMaster.Builder(AveragingWorkload.WORKERS, workload.batch())
            .batchSizePerWorker(workload.batch())
            .averagingFrequency(steps)
            .rddTrainingApproach(RDDTrainingApproach.Direct)
            .repartionData(Repartition.Never)
            .storageLevel(null)
            .workerPrefetchNumBatches(0)
            .saveUpdater(true)
            .build();
    master.addHook(clock);
    return master;
  }

  private ComputationGraph network() {
    return Dl4jTraining.graph(workload.training(), Engine.ONEDNN);
  }

  private static ComputationGraph tiny() {
    var graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Nesterovs(EngineWorkload.LEARNING_RATE, EngineWorkload.MOMENTUM))
                .graphBuilder()
                .addInputs("image")
                .addLayer(
                    "out",
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(EngineWorkload.CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build(),
                    "image")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(TINY_SIDE, TINY_SIDE, 3, CNN2DFormat.NHWC))
                .build());
    graph.init();
    return graph;
  }

  /** What single operations cost, for the network. */
  AveragingCosts costs() {
    var graph = network();
    var costs = new CostMeasurement(spark, graph).run();
    graph.close();
    return costs;
  }

  @Override
  public void close() {
    trainings.values().forEach(training -> training.own().ifPresent(AveragingMaster::close));
    trainings.clear();
    spark.close();
  }
}
