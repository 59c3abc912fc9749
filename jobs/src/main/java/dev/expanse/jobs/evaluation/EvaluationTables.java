package dev.expanse.jobs.evaluation;

import dev.expanse.jobs.results.Circumstances;
import dev.expanse.jobs.results.ResultTable;
import java.sql.Timestamp;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Evaluations as Parquet tables: {@code evaluation} has a row an evaluation, {@code recall} a row
 * an evaluation and class, {@code confusion} a row a cell of the confusion matrix that is not zero.
 */
public final class EvaluationTables {
  /** Version of the columns, in each row of {@code evaluation}. */
  public static final int SCHEMA_VERSION = 1;

  /** The columns of {@code evaluation}. */
  public static final StructType EVALUATION =
      new StructType()
          .add("id", "string")
          .add("started_at", "timestamp")
          // what was evaluated
          .add("model", "string")
          .add("network", "string")
          .add("network_hash", "string")
          .add("resolution", "int")
          .add("classes", "int")
          .add("recipe_hocon", "string")
          .add("training", "string")
          .add("epoch", "int")
          .add("round", "int")
          .add("images_seen", "long")
          // on what
          .add("dataset", "string")
          .add("dataset_fingerprint", "string")
          .add("split", "string")
          // the outcome
          .add("images", "long")
          .add("top1", "double")
          .add("top1_standard_error", "double")
          .add("top5", "double")
          .add("loss", "double")
          .add("chance", "double")
          // circumstances
          .add("engine", "string")
          .add("threads", "int")
          .add("seconds", "double")
          .add("schema_version", "int")
          .add("git_revision", "string")
          .add("spark_version", "string")
          .add("dl4j_version", "string")
          .add("java_version", "string");

  /** The columns of {@code recall}. */
  public static final StructType RECALL =
      new StructType()
          .add("evaluation", "string")
          .add("label", "int")
          .add("class", "string")
          .add("images", "long")
          .add("recall", "double")
          .add("top5_recall", "double");

  /** The columns of {@code confusion}. */
  public static final StructType CONFUSION =
      new StructType()
          .add("evaluation", "string")
          .add("label", "int")
          .add("class", "string")
          .add("predicted", "int")
          .add("predicted_class", "string")
          .add("images", "long");

  private final Map<String, Object> circumstances;
  private final ResultTable evaluations;
  private final ResultTable recalls;
  private final ResultTable confusions;

  /** The tables in a results folder; what is appended has one run in all of them. */
  public EvaluationTables(SparkSession spark, Path results) {
    var run = ResultTable.newRun();
    circumstances = Circumstances.of(spark);
    evaluations = new ResultTable(spark, results, "evaluation", EVALUATION, run);
    recalls = new ResultTable(spark, results, "recall", RECALL, run);
    confusions = new ResultTable(spark, results, "confusion", CONFUSION, run);
  }

  /**
   * Appends an evaluation. Its row in {@code evaluation} is the last to be written, so that
   * whatever happens an evaluation that has one has all of its rows in the other tables.
   *
   * @return its id
   */
  public String append(Evaluation evaluation) {
    var id = UUID.randomUUID().toString();
    var classes = evaluation.subject().dataset().classes();
    recalls.append(recallRows(id, evaluation.counts(), classes));
    confusions.append(confusionRows(id, evaluation.counts(), classes));
    evaluations.append(List.of(row(id, evaluation)));
    return id;
  }

  /** The table {@code evaluation}. */
  public ResultTable evaluations() {
    return evaluations;
  }

  /** The table {@code recall}. */
  public ResultTable recalls() {
    return recalls;
  }

  /** The table {@code confusion}. */
  public ResultTable confusions() {
    return confusions;
  }

  private Map<String, Object> row(String id, Evaluation evaluation) {
    var row = new LinkedHashMap<>(circumstances);
    row.put("id", id);
    row.put("started_at", Timestamp.from(evaluation.startedAt()));
    row.put("seconds", evaluation.seconds());
    row.put("schema_version", SCHEMA_VERSION);
    row.putAll(subject(evaluation.subject()));
    row.putAll(outcome(evaluation.counts()));
    evaluation
        .moment()
        .ifPresent(
            moment -> {
              row.put("training", moment.training());
              row.put("epoch", moment.epoch());
              row.put("round", moment.round());
              row.put("images_seen", moment.imagesSeen());
            });
    return row;
  }

  private static Map<String, Object> subject(Evaluation.Subject subject) {
    var network = subject.network();
    var row = new LinkedHashMap<String, Object>();
    row.put("model", subject.model());
    row.put("network", network.name());
    row.put("network_hash", network.hash());
    row.put("resolution", network.resolution());
    row.put("classes", network.classes());
    row.put("recipe_hocon", subject.recipe().toHocon());
    row.put("dataset", subject.datasetName());
    row.put("dataset_fingerprint", subject.dataset().fingerprint());
    row.put("split", subject.split());
    row.put("engine", subject.compute().engine().id());
    row.put("threads", subject.compute().threads());
    return row;
  }

  private static Map<String, Object> outcome(EvaluationCounts counts) {
    return Map.of(
        "images", counts.images(),
        "top1", counts.top1(),
        "top1_standard_error", counts.top1StandardError(),
        "top5", counts.top5(),
        "loss", counts.loss(),
        "chance", counts.chance());
  }

  private static List<Map<String, Object>> recallRows(
      String id, EvaluationCounts counts, List<String> classes) {
    return IntStream.range(0, counts.classes())
        .mapToObj(
            label -> {
              Map<String, Object> row = new HashMap<>();
              row.put("evaluation", id);
              row.put("label", label);
              row.put("class", classes.get(label));
              row.put("images", counts.images(label));
              if (counts.images(label) > 0) { // a class without images has no recall
                row.put("recall", counts.recall(label));
                row.put("top5_recall", counts.top5Recall(label));
              }
              return row;
            })
        .toList();
  }

  private static List<Map<String, Object>> confusionRows(
      String id, EvaluationCounts counts, List<String> classes) {
    return counts.confusion().cells().stream()
        .map(
            cell ->
                Map.<String, Object>of(
                    "evaluation", id,
                    "label", cell.label(),
                    "class", classes.get(cell.label()),
                    "predicted", cell.predicted(),
                    "predicted_class", classes.get(cell.predicted()),
                    "images", cell.images()))
        .toList();
  }
}
