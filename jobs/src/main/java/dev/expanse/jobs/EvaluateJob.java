package dev.expanse.jobs;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.evaluation.DistributedEvaluation;
import dev.expanse.jobs.evaluation.Evaluation;
import dev.expanse.jobs.evaluation.EvaluationCounts;
import dev.expanse.jobs.evaluation.EvaluationTables;
import dev.expanse.jobs.preflight.Preflight;
import dev.expanse.jobs.preflight.Work;
import dev.expanse.jobs.progress.JobDescription;
import dev.expanse.jobs.training.SavedModel;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Distributed evaluation of a trained network.
 *
 * <pre>{@code ./submit-scripts/local.sh evaluate --model models/ecnn}</pre>
 */
@Command(
    name = "evaluate",
    description =
        "Evaluates a trained network: top-1, top-5, loss, confusion matrix, recall of each class.")
final class EvaluateJob extends SparkJob {
  @Mixin private ComputeOptions computeOptions;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "A model that train saved.")
  private String model;

  @Option(
      names = "--dataset",
      defaultValue = "sample",
      paramLabel = "DIR",
      description = "A dataset that prepare wrote, or 'sample' (default).")
  private String dataset;

  @Option(
      names = "--split",
      defaultValue = Dataset.VALIDATION,
      description = "The split to evaluate on (default: ${DEFAULT-VALUE}).")
  private String split;

  @Override
  int run(SparkSession session) {
    var spark = spark(session);
    var compute = computeOptions.choose(spark);
    var storage = new Storage(spark.hadoopConfiguration());
    var saved = SavedModel.read(storage, Storage.path("--model", model));
    storage.requireWritable(results());
    var data = Dataset.open(session, dataset, results());
    Preflight.of(spark, List.of(compute.engine().id()), List.of(data.rowGroups(split)))
        .require()
        .require(
            Work.Inference.onAll(
                saved.spec(),
                compute.engine(),
                compute.threads(),
                saved.recipe().evaluation().batch()));
    var weights = Dl4jModel.weights(saved.spec().network(), saved.graph());
    var startedAt = Instant.now();
    long start = System.nanoTime();
    var counts =
        JobDescription.during(
            spark,
            saved.spec().name(),
            () ->
                DistributedEvaluation.run(
                    spark, saved.spec(), weights, data, split, saved.recipe(), compute));
    double seconds = (System.nanoTime() - start) / 1e9;
    print(saved.spec().name(), counts, data.classes());
    var subject =
        new Evaluation.Subject(model, saved.spec(), saved.recipe(), dataset, data, split, compute);
    var tables = new EvaluationTables(session, results());
    var id = tables.append(new Evaluation(subject, Optional.empty(), counts, startedAt, seconds));
    System.out.printf(
        "evaluation: %s%ntables: %s, %s, %s%n",
        id, tables.evaluations().folder(), tables.recalls().folder(), tables.confusions().folder());
    return 0;
  }

  private void print(String name, EvaluationCounts counts, List<String> classes) {
    System.out.println(recalls(counts, classes));
    System.out.printf(
        "%s on %s, %,d images: top-1 %.2f%% ± %.2f, top-5 %.2f%%, loss %.4f (chance %.2f%%)%n",
        name,
        split,
        counts.images(),
        100 * counts.top1(),
        100 * counts.top1StandardError(),
        100 * counts.top5(),
        counts.loss(),
        100 * counts.chance());
  }

  private static String recalls(EvaluationCounts counts, List<String> classes) {
    var labels = IntStream.range(0, counts.classes()).boxed().toList();
    var right = HorizontalAlign.RIGHT;
    return AsciiTable.getTable(
        AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS,
        labels,
        List.of(
            new Column().header("class").dataAlign(HorizontalAlign.LEFT).with(classes::get),
            new Column()
                .header("images")
                .dataAlign(right)
                .with(label -> String.valueOf(counts.images(label))),
            new Column()
                .header("recall (%)")
                .dataAlign(right)
                .with(
                    label ->
                        counts.images(label) == 0
                            ? "-"
                            : String.format("%.1f", 100 * counts.recall(label)))));
  }
}
