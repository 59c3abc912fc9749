package dev.expanse.jobs.training;

import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.image.ImageTransform;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.LabelledImage;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import scala.Tuple2;

/**
 * Parameter-averaged training: in a round each worker takes {@link Recipe#averagingFrequency} steps
 * on minibatches of its own, then the weights and momenta of all workers are averaged.
 *
 * <p>Each epoch visits the images in a new order and deals them to the workers as whole
 * minibatches, the same number to each; the few images left over differ from epoch to epoch. Images
 * stay encoded in Spark's storage and are decoded a round at a time. A seed makes a run repeat
 * exactly on up to two workers; with more, the order in which Spark adds their weights is left to
 * chance.
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
    if (stepsAnEpoch() == 0) {
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
    var images = dataset.images(Dataset.TRAIN);
    var keys = keys(images);
    var graph = freshGraph();
    var setup = new WorkerSetup(compute, seed);
    var network = new SparkComputationGraph(spark, graph, master(setup));
    try {
      for (int epoch = 1; epoch <= recipe.epochs(); epoch++) {
        epoch(
            network,
            setup,
            images,
            spark.broadcast(new EpochOrder(keys, seed, epoch)),
            epoch,
            watcher);
      }
      return graph;
    } catch (RuntimeException e) {
      graph.close();
      throw e;
    } finally {
      spark.setJobDescription(null);
    }
  }

  private void epoch(
      SparkComputationGraph network,
      WorkerSetup setup,
      JavaRDD<LabelledImage> images,
      Broadcast<EpochOrder> order,
      int epoch,
      Consumer<Round> watcher) {
    var dealt = deal(images, order).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      for (int r = 0; r < roundsAnEpoch(); r++) {
        spark.setJobDescription(String.format("%s, epoch %d, round %d", spec.name(), epoch, r + 1));
        setup.beginRound((epoch - 1) * stepsAnEpoch() + r * stepsARound());
        watcher.accept(round(network, dealt, epoch, r));
      }
    } finally {
      dealt.unpersist();
      order.destroy();
    }
  }

  private Round round(
      SparkComputationGraph network,
      JavaRDD<Tuple2<Integer, LabelledImage>> dealt,
      int epoch,
      int r) {
    long start = System.nanoTime();
    var minibatches = minibatches(dealt, epoch, r).persist(StorageLevel.MEMORY_AND_DISK_SER());
    try {
      network.fitMultiDataSet(minibatches);
    } finally {
      minibatches.unpersist();
    }
    int steps = Math.min(stepsAnEpoch(), (r + 1) * stepsARound());
    long seen = (long) (epoch - 1) * stepsAnEpoch() + steps;
    // The master counts averagingFrequency steps for a shorter last round, too
    network.getNetwork().getConfiguration().setIterationCount((int) seen);
    double loss = network.getScore();
    if (!Double.isFinite(loss)) {
      throw new IllegalStateException(
          String.format("the loss is %s after round %d of epoch %d", loss, r + 1, epoch));
    }
    return new Round(
        epoch,
        (epoch - 1) * roundsAnEpoch() + r + 1,
        recipe.epochs() * roundsAnEpoch(),
        seen * recipe.batch() * workers,
        loss,
        (System.nanoTime() - start) / 1e9);
  }

  private ComputationGraph freshGraph() {
    var updater = recipe.updater(recipe.epochs() * stepsAnEpoch());
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
            .storageLevel(null) // we keep the minibatches, and drop them after the round
            .workerPrefetchNumBatches(0)
            .saveUpdater(true) // by default the momentum is lost every round
            .build();
    master.addHook(setup);
    return master;
  }

  private long[] keys(JavaRDD<LabelledImage> images) {
    var keys = images.map(EpochOrder::key).collect().stream().mapToLong(Long::longValue).toArray();
    if (keys.length != dataset.count(Dataset.TRAIN)) {
      throw InvalidInputException.of(
          "%s: its shards have %d training images, expected the %d of its dataset.json",
          dataset.root(), keys.length, dataset.count(Dataset.TRAIN));
    }
    return keys;
  }

  /** Each worker's images of an epoch in its own partition, with their places, in their order. */
  private JavaRDD<Tuple2<Integer, LabelledImage>> deal(
      JavaRDD<LabelledImage> images, Broadcast<EpochOrder> order) {
    int batch = recipe.batch();
    return images
        .mapToPair(image -> new Tuple2<>(order.value().place(image), image))
        .repartitionAndSortWithinPartitions(new ByMinibatch(workers, batch))
        .map(tuple -> new Tuple2<>(tuple._1(), tuple._2()));
  }

  private JavaRDD<MultiDataSet> minibatches(
      JavaRDD<Tuple2<Integer, LabelledImage>> dealt, int epoch, int round) {
    int group = recipe.batch() * workers;
    int first = round * stepsARound() * group;
    int end = Math.min(first + stepsARound() * group, stepsAnEpoch() * group);
    var decoder =
        new Decoder(recipe, spec.resolution(), spec.classes(), EpochOrder.mix(seed, epoch));
    return dealt
        .filter(placed -> placed._1() >= first && placed._1() < end)
        .mapPartitions(decoder::decode, true);
  }

  private int stepsAnEpoch() {
    return (int) (dataset.count(Dataset.TRAIN) / ((long) recipe.batch() * workers));
  }

  private int stepsARound() {
    return Math.min(recipe.averagingFrequency(), stepsAnEpoch());
  }

  private int roundsAnEpoch() {
    return (stepsAnEpoch() + stepsARound() - 1) / stepsARound();
  }

  /** Deals minibatches to the workers in turn. */
  private static final class ByMinibatch extends HashPartitioner {
    private static final long serialVersionUID = 1L;

    private final int workers;
    private final int batch;

    private ByMinibatch(int workers, int batch) {
      super(workers);
      this.workers = workers;
      this.batch = batch;
    }

    @Override
    public int getPartition(Object place) {
      return (Integer) place / batch % workers;
    }
  }

  /** Groups a worker's images into minibatches and decodes one when it is asked for. */
  private record Decoder(Recipe recipe, int side, int classes, long seed) implements Serializable {
    private Iterator<MultiDataSet> decode(Iterator<Tuple2<Integer, LabelledImage>> images) {
      var transform = ImageTransform.training(side, recipe.minScale(), recipe.flip());
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return images.hasNext();
        }

        @Override
        public MultiDataSet next() {
          List<LabelledImage> batch = new ArrayList<>();
          while (batch.size() < recipe.batch() && images.hasNext()) {
            batch.add(images.next()._2());
          }
          return Minibatches.labelled(batch, transform, side, classes, seed);
        }
      };
    }
  }
}
