package dev.expanse.jobs;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.data.ConfigurationFiles;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.RowGroup;
import dev.expanse.jobs.preflight.Preflight;
import dev.expanse.jobs.preflight.Verdict;
import dev.expanse.jobs.preflight.Work;
import dev.expanse.jobs.recipe.Recipe;
import dev.expanse.jobs.training.AveragedTraining;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Whether the cluster can do what a training will ask of it, before that takes it.
 *
 * <pre>{@code ./submit-scripts/local.sh preflight --network resnet-50 --batch 64}</pre>
 */
@Command(
    name = "preflight",
    description = {
      "Asks the driver and every executor what they are like, and whether a training fits there.",
      "Ends with status 2 and a sentence for each thing in the way."
    })
final class PreflightJob extends SparkJob {
  @ArgGroup(exclusive = false, heading = "What is to be trained, if anything:%n")
  private NetworkOptions network;

  @Mixin private ComputeOptions computeOptions;

  @Option(
      names = "--dataset",
      paramLabel = "DIR",
      description = "A dataset that every executor has to reach.")
  private String dataset;

  @Option(
      names = "--recipe",
      defaultValue = "quick",
      paramLabel = "NAME|FILE",
      description = "A recipe of conf/recipes, or a .conf file (default: ${DEFAULT-VALUE}).")
  private String recipe;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images of a minibatch (default: the recipe's).")
  private Integer batch;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Workers whose weights are averaged (default: the tasks that run at once).")
  private Integer workers;

  @Spec private CommandSpec command;

  @Override
  int run(SparkSession session) {
    var spark = spark(session);
    AveragedTraining.requireWorkers("--workers", workers);
    var recipeRead = recipe();
    var data =
        Optional.ofNullable(dataset).map(location -> Dataset.open(session, location, results()));
    var spec = Optional.ofNullable(network).map(options -> spec(options, data));
    var compute = computeOptions.choose(spark);
    var splits = data.map(PreflightJob::splits).orElse(List.of());
    var preflight = Preflight.of(spark, List.of(compute.engine().id()), splits);
    System.out.println(preflight.text(compute.threads()));
    var verdicts = new ArrayList<>(preflight.verdicts());
    spec.map(trained -> new Work.Training(trained, recipeRead, compute, workers(session)))
        .ifPresent(work -> verdicts.addAll(preflight.verdicts(work)));
    return tell(verdicts);
  }

  private Recipe recipe() {
    var settings = ConfigurationFiles.read("recipes", recipe);
    return batch == null
        ? Recipe.read(settings)
        : Recipe.read(settings, Settings.parse("batch = " + batch, "--batch"));
  }

  private static NetworkSpec spec(NetworkOptions options, Optional<Dataset> data) {
    return data.map(opened -> options.specFor(opened.classes().size()))
        .orElseGet(() -> options.spec(null));
  }

  private static List<List<RowGroup>> splits(Dataset dataset) {
    return Stream.of(Dataset.TRAIN, Dataset.VALIDATION)
        .filter(dataset::has)
        .map(dataset::rowGroups)
        .toList();
  }

  private int workers(SparkSession session) {
    return workers == null ? AveragedTraining.usualWorkers(spark(session)) : workers;
  }

  private int tell(List<Verdict> verdicts) {
    var err = command.commandLine().getErr();
    for (var verdict : verdicts) {
      if (verdict.refused()) {
        err.println("expanse: " + verdict.sentence());
      } else {
        System.out.println("warning: " + verdict.sentence());
      }
    }
    err.flush();
    boolean refused = verdicts.stream().anyMatch(Verdict::refused);
    if (!refused) {
      System.out.println("nothing is in the way");
    }
    return refused ? Expanse.INVALID_INPUT : 0;
  }
}
