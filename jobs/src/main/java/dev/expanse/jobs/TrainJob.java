package dev.expanse.jobs;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.ConfigurationFiles;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.progress.Progress;
import dev.expanse.jobs.recipe.Recipe;
import dev.expanse.jobs.results.Circumstances;
import dev.expanse.jobs.results.ResultTable;
import dev.expanse.jobs.training.AveragedTraining;
import dev.expanse.jobs.training.SavedModel;
import dev.expanse.jobs.training.TrainingTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
      defaultValue = "1",
      description = "Seed of weights, order and augmentation (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--workers",
      description = "Workers whose weights are averaged (default: the tasks that run at once).")
  private Integer workers;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "The trained model's folder, which must not be there yet.")
  private String output;

  @Override
  int run(SparkSession session) {
    var spark = spark(session);
    var storage = new Storage(spark.hadoopConfiguration());
    var folder = Storage.path("--output", output);
    if (storage.exists(folder)) {
      throw InvalidInputException.of(
          "output = %s: is there already, expected a new folder", output);
    }
    storage.requireWritable(folder);
    storage.requireWritable(results());
    var recipeRead = Recipe.read(ConfigurationFiles.read("recipes", recipe));
    var data = Dataset.open(session, dataset, results());
    var spec = network.specFor(data.classes().size());
    if (workers != null && (workers < 1 || workers > AveragedTraining.MOST_WORKERS)) {
      throw InvalidInputException.of(
          "--workers = %d: expected a whole number from 1 to %d",
          workers, AveragedTraining.MOST_WORKERS);
    }
    int chosen = workers == null ? AveragedTraining.usualWorkers(spark) : workers;
    var compute = computeOptions.choose(spark).checkedForTasks(spark);
    var training = new AveragedTraining(spark, data, spec, recipeRead, chosen, compute, seed);
    var table = new ResultTable(session, results(), TrainingTable.NAME, TrainingTable.SCHEMA);

    var rounds = new RoundLog(table, spec.name(), training.columns(), Circumstances.of(session));
    var graph = training.run(rounds::add);
    rounds.flush();
    new SavedModel(graph, spec, recipeRead).write(storage, folder);
    System.out.printf(
        "%s: %d rounds on %d workers, %,d images, last loss %.3f%nmodel: %s%nmetrics: %s/run=%s%n",
        spec.name(),
        rounds.last.rounds(),
        chosen,
        rounds.last.images(),
        rounds.last.loss(),
        folder,
        table.folder(),
        table.run());
    return 0;
  }

  /** Tells the user of each round, and keeps an epoch's rounds when it is over. */
  private static final class RoundLog {
    private final ResultTable table;
    private final String name;
    private final Map<String, Object> training;
    private final Map<String, Object> circumstances;
    private final Progress progress = new Progress();
    private final List<Map<String, Object>> unwritten = new ArrayList<>();
    private AveragedTraining.Round last;

    private RoundLog(
        ResultTable table,
        String name,
        Map<String, Object> training,
        Map<String, Object> circumstances) {
      this.table = table;
      this.name = name;
      this.training = training;
      this.circumstances = circumstances;
    }

    private void add(AveragedTraining.Round round) {
      if (last != null && last.epoch() < round.epoch()) {
        flush();
      }
      last = round;
      unwritten.add(TrainingTable.row(training, circumstances, round));
      progress.at(
          (double) round.round() / round.rounds(),
          () ->
              String.format(
                  "%s: epoch %d, round %d of %d, loss %.3f",
                  name, round.epoch(), round.round(), round.rounds(), round.loss()));
    }

    private void flush() {
      table.append(unwritten);
      unwritten.clear();
    }
  }
}
