package dev.expanse.jobs.training;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.evaluation.DistributedEvaluation;
import dev.expanse.jobs.evaluation.Evaluation;
import dev.expanse.jobs.evaluation.EvaluationCounts;
import dev.expanse.jobs.input.EpochPlan;
import dev.expanse.jobs.progress.JobDescription;
import dev.expanse.jobs.recipe.Averaging.Master;
import dev.expanse.jobs.recipe.Recipe;
import java.util.Optional;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Parameter-averaged training: in a round each worker takes some steps on minibatches of its own,
 * then the weights and momenta of all workers are averaged.
 *
 * <p>Each epoch visits all images once, in a new order ({@link EpochPlan}); each worker streams its
 * own from the shards, and decodes ahead of its steps. A seed makes a run repeat exactly, whatever
 * fails on the way, on one thread a worker; with Deeplearning4j's master only on up to two workers,
 * for Spark then adds their weights in the order in which they arrive.
 */
public final class AveragedTraining {
  /** More workers than this are refused. */
  public static final int MOST_WORKERS = 10_000;

  private final JavaSparkContext spark;
  private final Dataset dataset;
  private final NetworkSpec spec;
  private final TrainingPlan plan;

  /** As many workers as Spark runs tasks at once. */
  public static int usualWorkers(JavaSparkContext spark) {
    return Compute.tasksAtOnce(spark);
  }

  /**
   * Refuses a number of workers out of range.
   *
   * @param key by which a user gave it
   * @param workers null for the usual number
   * @throws InvalidInputException if it is below 1, or above {@link #MOST_WORKERS}
   */
  public static void requireWorkers(String key, Integer workers) {
    if (workers != null && (workers < 1 || workers > MOST_WORKERS)) {
      throw InvalidInputException.of(
          "%s = %d: expected a whole number from 1 to %d", key, workers, MOST_WORKERS);
    }
  }

  /** Why a network cannot be trained by a recipe on an engine, if so. */
  public static Optional<String> untrainable(NetworkSpec spec, Recipe recipe, Compute compute) {
    if (recipe.averaging().master() == Master.DL4J && !spec.network().auxiliaries().isEmpty()) {
      return Optional.of(
          "averaging.master = dl4j: expected expanse for %s, which has auxiliary classifiers"
              .formatted(spec.name()));
    }
    return Compute.unsupported(compute.engine(), spec);
  }

  /**
   * @param workers how many there are, each a Spark task
   * @param compute what each computes with
   * @param seed of the first weights, the order of the images and their augmentation
   * @throws InvalidInputException if the dataset has too few images for one step of every worker,
   *     or not the network's number of classes, or no split to evaluate on, or if the network is
   *     {@link #untrainable}
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
    if (recipe.evaluation().everyEpochs() > 0) {
      dataset.rowGroups(Dataset.VALIDATION);
    }
    untrainable(spec, recipe, compute)
        .ifPresent(
            reason -> {
              throw new InvalidInputException(reason);
            });
    var groups = dataset.rowGroups(Dataset.TRAIN);
    var images = new EpochPlan(groups, workers, recipe.batch(), EpochPlan.WINDOW_BYTES, seed);
    this.plan =
        new TrainingPlan(spec.toHocon(), recipe, dataset.fingerprint(), images, compute, seed);
  }

  /** What makes this training take the steps that it takes. */
  public Identity identity() {
    return plan.identity();
  }

  /** How far a training of this identity was when it came to a state. */
  public Evaluation.Moment moment(TrainingState state) {
    for (var span : plan.rounds()) {
      if (span.number() == state.progress().round()) {
        return new Evaluation.Moment(
            state.training(), span.epoch(), span.number(), plan.imagesAfter(span));
      }
    }
    throw new IllegalArgumentException("Cannot find round " + state.progress().round());
  }

  /**
   * Trains from fresh weights.
   *
   * @param watcher told of each round when it is over
   * @return the network as it is to be used: with the moving average of the weights, or with those
   *     that were best in evaluations, if the recipe says so; to be closed by the caller
   * @throws DivergedException if the loss is no longer a number, or ten times the first round's
   */
  public ComputationGraph run(TrainingWatcher watcher) {
    return run(newId(), Optional.empty(), watcher);
  }

  /** What each worker computes with. */
  public Compute compute() {
    return plan.compute();
  }

  /** An id for a training that is about to begin. */
  public static String newId() {
    return UUID.randomUUID().toString();
  }

  /**
   * Trains on from where a training was, or from fresh weights.
   *
   * @param id tells the training from others
   * @param from a state of a training of the same {@link #identity}
   * @throws IllegalArgumentException if it is of another one
   */
  public ComputationGraph run(String id, Optional<TrainingState> from, TrainingWatcher watcher) {
    try (var rounds = new AveragedRounds(spark, plan)) {
      try {
        return new TrainingRun(plan, id, rounds, from, this::counts).toTheEnd(watcher);
      } catch (RuntimeException | Error e) {
        Dl4jModel.close(rounds.graph());
        throw e;
      }
    }
  }

  /**
   * The same training as one Spark task makes it, alone: to the same weights, bit for bit.
   *
   * @throws InvalidInputException if it is of more than one worker, or of Deeplearning4j's master,
   *     or if the dataset has no split to evaluate on
   */
  public TaskTraining inOneTask() {
    if (plan.images().workers() != 1) {
      throw InvalidInputException.of(
          "workers = %d: expected 1 for a training in one task", plan.images().workers());
    }
    if (plan.recipe().averaging().master() == Master.DL4J) {
      throw InvalidInputException.of(
          "averaging.master = dl4j: expected expanse for a training in one task");
    }
    return new TaskTraining(
        plan,
        DistributedEvaluation.inOneTask(
            spark, spec, dataset, Dataset.VALIDATION, plan.recipe(), plan.compute()));
  }

  /**
   * Evaluates a network of this training on the split {@code val}.
   *
   * @throws InvalidInputException if the dataset has none
   */
  public EvaluationCounts evaluate(ComputationGraph graph) {
    return JobDescription.during(spark, plan.description(), () -> counts(graph));
  }

  private EvaluationCounts counts(ComputationGraph graph) {
    var weights = Dl4jModel.weights(spec.network(), graph);
    return DistributedEvaluation.run(
        spark, spec, weights, dataset, Dataset.VALIDATION, plan.recipe(), plan.compute());
  }
}
