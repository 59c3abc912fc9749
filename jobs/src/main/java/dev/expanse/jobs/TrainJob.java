package dev.expanse.jobs;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.jobs.checkpoint.CheckpointFolder;
import dev.expanse.jobs.data.ConfigurationFiles;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.evaluation.Evaluation;
import dev.expanse.jobs.preflight.Preflight;
import dev.expanse.jobs.preflight.Work;
import dev.expanse.jobs.recipe.Recipe;
import dev.expanse.jobs.training.AveragedTraining;
import dev.expanse.jobs.training.DivergedException;
import dev.expanse.jobs.training.Identity;
import dev.expanse.jobs.training.SavedModel;
import dev.expanse.jobs.training.TrainingLog;
import dev.expanse.jobs.training.TrainingState;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Parameter-averaged training of one network.
 *
 * <pre>{@code ./submit-scripts/local.sh train --network ecnn --resolution 32 --output models/ecnn}
 * </pre>
 */
@Command(name = "train", description = "Trains a network by parameter averaging and saves it.")
final class TrainJob extends SparkJob {
  private static final String CHECKPOINTS = "checkpoints";
  private static final String CURVES = "learning-curves.png";

  @Mixin private NetworkOptions network;

  @Mixin private ComputeOptions computeOptions;

  @Option(
      names = "--dataset",
      defaultValue = "sample",
      paramLabel = "DIR",
      description = "A dataset that prepare wrote, or 'sample' (default).")
  private String dataset;

  @Option(
      names = "--recipe",
      defaultValue = "quick",
      paramLabel = "NAME|FILE",
      description = "A recipe of conf/recipes, or a .conf file (default: ${DEFAULT-VALUE}).")
  private String recipe;

  @Option(
      names = "--seed",
      description = "Seed of weights, order and augmentation (default: the recipe's, or 1).")
  private Long seed;

  @Option(
      names = "--workers",
      description = "Workers whose weights are averaged (default: the tasks that run at once).")
  private Integer workers;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "The trained model's folder, which must not be there yet but for --resume.")
  private String output;

  @Option(
      names = "--resume",
      description = "Goes on from the newest checkpoint of --output, or begins if there is none.")
  private boolean resume;

  @Option(
      names = "--checkpoint-every",
      defaultValue = "50",
      paramLabel = "ROUNDS",
      description = "Rounds from one checkpoint to the next (default: ${DEFAULT-VALUE}).")
  private int checkpointEvery;

  @Option(
      names = "--keep",
      defaultValue = "2",
      paramLabel = "N",
      description = "Checkpoints that are kept beside the best one (default: ${DEFAULT-VALUE}).")
  private int keep;

  @Override
  int run(SparkSession session) {
    var storage = new Storage(spark(session).hadoopConfiguration());
    var folder = Storage.path("--output", output);
    requireAtLeastOne("--checkpoint-every", checkpointEvery);
    requireAtLeastOne("--keep", keep);
    requireNew(storage, folder);
    storage.requireWritable(folder);
    storage.requireWritable(results());
    var recipeRead = Recipe.read(ConfigurationFiles.read("recipes", recipe));
    var data = Dataset.open(session, dataset, results());
    var training = training(session, recipeRead, data);
    var checkpoints = new CheckpointFolder(storage, new Path(folder, CHECKPOINTS)).keep(keep);
    var from = state(training, checkpoints);
    if (isFinished(storage, folder, from)) {
      System.out.printf("model: %s, which is finished%n", folder);
      return 0;
    }
    return train(session, data, training, from, checkpoints, folder);
  }

  /** Whether it came to its end, of which the curves are the last, or cannot be gone on with. */
  private static boolean isFinished(Storage storage, Path folder, Optional<TrainingState> from) {
    return SavedModel.isIn(storage, folder)
        && (from.isEmpty() || storage.exists(new Path(folder, CURVES)));
  }

  private void requireNew(Storage storage, Path folder) {
    if (!resume && storage.exists(folder)) {
      throw InvalidInputException.of(
          "output = %s: is there already, expected a new folder, or --resume to go on in it",
          output);
    }
  }

  private static void requireAtLeastOne(String option, int value) {
    if (value < 1) {
      throw InvalidInputException.of("%s = %d: expected a whole number from 1", option, value);
    }
  }

  private AveragedTraining training(SparkSession session, Recipe recipeRead, Dataset data) {
    var spark = spark(session);
    var spec = network.specFor(data.classes().size());
    AveragedTraining.requireWorkers("--workers", workers);
    var compute = computeOptions.choose(spark);
    int count = workers == null ? AveragedTraining.usualWorkers(spark) : workers;
    var training =
        new AveragedTraining(
            spark,
            data,
            spec,
            recipeRead,
            count,
            compute,
            seed == null ? recipeRead.seed().orElse(1) : seed);
    Preflight.of(spark, List.of(compute.engine().id()), List.of(data.rowGroups(Dataset.TRAIN)))
        .require()
        .require(new Work.Training(spec, recipeRead, compute, count));
    return training;
  }

  private Optional<TrainingState> state(AveragedTraining training, CheckpointFolder checkpoints) {
    var state =
        checkpoints
            .latest()
            .map(checkpoint -> TrainingState.of(checkpoint, checkpoints.path().toString()));
    state
        .flatMap(found -> found.identity().difference(training.identity()))
        .ifPresent(
            difference -> {
              throw InvalidInputException.of(
                  "output = %s: was begun with %s: expected the same to go on", output, difference);
            });
    return state;
  }

  private int train(
      SparkSession session,
      Dataset data,
      AveragedTraining training,
      Optional<TrainingState> from,
      CheckpointFolder checkpoints,
      Path folder) {
    var identity = training.identity();
    var id = from.map(TrainingState::training).orElseGet(AveragedTraining::newId);
    var subject =
        new Evaluation.Subject(
            output,
            identity.network(),
            identity.recipe(),
            dataset,
            data,
            Dataset.VALIDATION,
            training.compute());
    var moment = from.map(training::moment);
    var log =
        new TrainingLog(
            session, results(), id, moment, identity, subject, checkpoints, checkpointEvery);
    try {
      var graph = training.run(id, from, log);
      var storage = new Storage(spark(session).hadoopConfiguration());
      new SavedModel(graph, identity.network(), identity.recipe()).write(storage, folder);
      if (data.has(Dataset.VALIDATION)) {
        log.finished(() -> training.evaluate(graph));
      }
      Dl4jModel.close(graph);
      var curves = new Path(folder, CURVES);
      new TrainingReport(log, id).write(storage, curves);
      print(identity, log, folder, curves);
      return 0;
    } catch (DivergedException e) {
      log.flush();
      System.err.printf(
          "expanse: %s: %s; %s%n",
          identity.network().name(), e.getMessage(), lastGood(checkpoints));
      return 1;
    }
  }

  private static String lastGood(CheckpointFolder checkpoints) {
    return checkpoints
        .latest()
        .map(
            good ->
                "the last good checkpoint is that of round "
                    + good.round()
                    + " in "
                    + checkpoints.path())
        .orElse("there was no checkpoint yet");
  }

  private static void print(Identity identity, TrainingLog log, Path folder, Path curves) {
    var name = identity.network().name();
    log.last()
        .ifPresentOrElse(
            round ->
                System.out.printf(
                    "%s: %d rounds on %d workers, %,d images%s, last loss %.3f%s%n",
                    name,
                    round.number(),
                    identity.workers(),
                    round.images(),
                    imagesASecond(log),
                    round.loss(),
                    top1(log)),
            () -> System.out.printf("%s: had made its rounds before%s%n", name, top1(log)));
    System.out.printf(
        "model: %s%nlearning curves: %s%nmetrics: %s%s%n",
        folder,
        curves,
        log.rounds().folder(),
        log.last().isPresent() ? "/run=" + log.rounds().run() : "");
  }

  private static String imagesASecond(TrainingLog log) {
    return log.imagesASecond().isPresent()
        ? String.format(" (%.1f a second)", log.imagesASecond().getAsDouble())
        : "";
  }

  private static String top1(TrainingLog log) {
    return log.top1().isPresent()
        ? String.format(", top-1 %.2f%%", 100 * log.top1().getAsDouble())
        : "";
  }
}
