package dev.expanse.jobs;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.evaluation.DistributedEvaluation;
import dev.expanse.jobs.evaluation.EvaluationCounts;
import dev.expanse.jobs.training.SavedModel;
import java.util.List;
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
    description = "Evaluates a trained network: top-1, top-5, loss and the recall of each class.")
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
    var compute = computeOptions.choose(spark).checkedForTasks(spark);
    var saved =
        SavedModel.read(new Storage(spark.hadoopConfiguration()), Storage.path("--model", model));
    var data = Dataset.open(session, dataset, results());
    var weights = Dl4jModel.weights(saved.spec().network(), saved.graph());
    var counts =
        DistributedEvaluation.run(
            spark, saved.spec(), weights, data, split, saved.recipe(), compute);
    System.out.println(recalls(counts, data.classes()));
    System.out.printf(
        "%s on %s, %,d images: top-1 %.2f%% ± %.2f, top-5 %.2f%%, loss %.4f (chance %.2f%%)%n",
        saved.spec().name(),
        split,
        counts.images(),
        100 * counts.top1(),
        100 * counts.top1StandardError(),
        100 * counts.top5(),
        counts.loss(),
        100 * counts.chance());
    return 0;
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
