package dev.expanse.jobs.training;

import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.input.EpochPlan;
import dev.expanse.jobs.input.RoundMinibatches;
import dev.expanse.jobs.input.TrainingInput;
import dev.expanse.jobs.input.WorkerInput;
import dev.expanse.jobs.recipe.Recipe;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Parameter-averaged training: in a round each worker takes some steps on minibatches of its own,
 * then the weights and momenta of all workers are averaged.
 *
 * <p>Each epoch visits all images once, in a new order ({@link EpochPlan}); each worker streams its
 * own from the shards, and decodes ahead of its steps ({@link WorkerInput}). A seed makes a run
 * repeat exactly on up to two workers; with more, the order in which Spark adds their weights is
 * left to chance.
 */
public final class AveragedTraining {
  /** More workers than this are refused. */
  public static final int MOST_WORKERS = 10_000;

  private final JavaSparkContext spark;
  private final Dataset dataset;
  private final NetworkSpec spec;
  private final Recipe recipe;
  private final int workers;
  private final Compute compute;
  private final long seed;
  private final EpochPlan plan;

  /** As many workers as Spark runs tasks at once. */
  public static int usualWorkers(JavaSparkContext spark) {
    return Math.max(1, spark.defaultParallelism() / spark.getConf().getInt("spark.task.cpus", 1));
  }

  /**
   * One round.
   *
   * @param epoch from 1
   * @param round from 1, over the whole run
   * @param rounds rounds of the whole run
   * @param images images seen since the start
   * @param loss cross entropy of the workers' last minibatches, with the weight penalty, averaged
   * @param seconds how long it took, decoding and averaging included
   */
  public record Round(int epoch, int round, int rounds, long images, double loss, double seconds) {}

  /**
   * @param workers how many there are, each a Spark task
   * @param compute what each computes with
   * @param seed of the first weights, the order of the images and their augmentation
   * @throws InvalidInputException if the dataset has too few images for one step of every worker,
   *     or not the network's number of classes, or if the weights alone exceed the memory limit
   */
  public AveragedTraining(
      JavaSparkContext spark,
      Dataset dataset,
      NetworkSpec spec,
      Recipe recipe,
      int workers,
      Compute compute,
      long seed) {
    this.spark = spark;
    this.dataset = dataset;
    this.spec = spec;
    this.recipe = recipe;
    this.workers = workers;
    this.compute = compute;
    this.seed = seed;
    if (spec.classes() != dataset.classes().size()) {
      throw InvalidInputException.of(
          "%s: has labels of %d classes, expected the %d classes of the network %s",
          dataset.root(), dataset.classes().size(), spec.classes(), spec.name());
    }
    if (dataset.count(Dataset.TRAIN) < (long) recipe.batch() * workers) {
      throw InvalidInputException.of(
          "%s: has %d training images, expected at least %d, a batch of %d for each of %d workers",
          dataset.root(),
          dataset.count(Dataset.TRAIN),
          recipe.batch() * workers,
          recipe.batch(),
          workers);
    }
    memoryShortage(spec)
        .ifPresent(
            shortage -> {
              throw new InvalidInputException(shortage);
            });
    this.plan =
        new EpochPlan(
            dataset.rowGroups(Dataset.TRAIN),
            workers,
            recipe.batch(),
            EpochPlan.WINDOW_BYTES,
            seed);
  }

  /**
   * Why a network cannot be trained in this process's memory, if so: its weights alone are too
   * many. ND4J ends the process when memory cannot be had, so what cannot fit must not be begun.
   */
  public static Optional<String> memoryShortage(NetworkSpec spec) {
    long limit = Pointer.maxPhysicalBytes();
    long parameters = Complexity.of(spec.network()).parameters();
    double needed = 3.0 * Float.BYTES * parameters;
    return limit > 0 && needed > limit
        ? Optional.of(
            String.format(
                Locale.ROOT,
                "%s: needs at least %.1f GB for %,d parameters, their gradients and momenta, expected"
                    + " at most the %.1f GB of org.bytedeco.javacpp.maxphysicalbytes",
                spec.name(),
                needed / 1e9,
                parameters,
                limit / 1e9))
        : Optional.empty();
  }

  /** What tells this training from others, as columns of {@link TrainingTable}. */
  public Map<String, Object> columns() {
    return Map.of(
        "network", spec.name(),
        "network_hash", spec.hash(),
        "recipe_hocon", recipe.toHocon(),
        "dataset_fingerprint", dataset.fingerprint(),
        "seed", seed,
        "workers", workers,
        "engine", compute.engine().id(),
        "threads", compute.threads());
  }

  /**
   * Trains from fresh weights.
   *
   * @param watcher told of each round when it is over
   * @throws IllegalStateException if the loss is no longer a number
   */
  public ComputationGraph run(Consumer<Round> watcher) {
    var input = spark.broadcast(input());
    var hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    var graph = freshGraph();
    var setup = new WorkerSetup(compute, seed);
    var network = new SparkComputationGraph(spark, graph, master(setup));
    try {
      for (int epoch = 1; epoch <= epochs(); epoch++) {
        for (int r = 0; r < roundsAnEpoch(); r++) {
          spark.setJobDescription(
              String.format("%s, epoch %d, round %d", spec.name(), epoch, r + 1));
          setup.beginRound((epoch - 1) * plan.steps() + r * stepsARound());
          watcher.accept(round(network, input, hadoop, epoch, r));
        }
      }
      return graph;
    } catch (RuntimeException e) {
      graph.close();
      throw e;
    } finally {
      spark.setJobDescription(null);
      WorkerInput.close(input.value().run()); // those in this process, in local mode
      input.destroy();
      hadoop.destroy();
    }
  }

  private TrainingInput input() {
    return new TrainingInput(
        UUID.randomUUID().toString(),
        plan,
        epochs(),
        recipe,
        spec.resolution(),
        spec.classes(),
        compute.threads());
  }

  private Round round(
      SparkComputationGraph network,
      Broadcast<TrainingInput> input,
      Broadcast<SerializableConfiguration> hadoop,
      int epoch,
      int r) {
    long start = System.nanoTime();
    int firstStep = r * stepsARound();
    int endStep = Math.min(plan.steps(), firstStep + stepsARound());
    network.fitMultiDataSet(RoundMinibatches.of(spark, input, hadoop, epoch, firstStep, endStep));
    // The master counts averagingFrequency steps for a shorter last round, too
    network.getNetwork().getConfiguration().setIterationCount((epoch - 1) * plan.steps() + endStep);
    double loss = network.getScore();
    if (!Double.isFinite(loss)) {
      throw new IllegalStateException(
          String.format("the loss is %s after round %d of epoch %d", loss, r + 1, epoch));
    }
    return new Round(
        epoch,
        (epoch - 1) * roundsAnEpoch() + r + 1,
        epochs() * roundsAnEpoch(),
        (epoch - 1) * plan.images() + plan.before(endStep),
        loss,
        (System.nanoTime() - start) / 1e9);
  }

  private ComputationGraph freshGraph() {
    long steps = recipe.length().steps(plan.images(), (long) recipe.batch() * workers);
    var updater = recipe.updater(steps, plan.steps());
    var training = new Dl4jModel.Training(updater, recipe.weightDecay(), seed, DataType.FLOAT);
    return Dl4jModel.create(spec.network(), compute.engine(), training);
  }

  private ParameterAveragingTrainingMaster master(WorkerSetup setup) {
    var master =
        new ParameterAveragingTrainingMaster.Builder(workers, recipe.batch())
            .batchSizePerWorker(recipe.batch())
            .averagingFrequency(stepsARound())
            .rddTrainingApproach(RDDTrainingApproach.Direct)
            .repartionData(Repartition.Never)
            .storageLevel(null) // minibatches are made once, and not kept
            .workerPrefetchNumBatches(0)
            .saveUpdater(true) // by default the momentum is lost every round
            .build();
    master.addHook(setup);
    return master;
  }

  private int epochs() {
    return recipe.length().epochs(plan.images());
  }

  private int stepsARound() {
    return Math.min(recipe.averaging().frequency(), plan.steps());
  }

  private int roundsAnEpoch() {
    return (plan.steps() + stepsARound() - 1) / stepsARound();
  }
}
