package dev.expanse.jobs.training;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.types.StructType;

/** The columns of {@code results/training}: a row a round of averaged training. */
public final class TrainingTable {
  /** The table's name. */
  public static final String NAME = "training";

  /** The columns. */
  public static final StructType SCHEMA =
      new StructType()
          .add("training", "string")
          .add("network", "string")
          .add("network_hash", "string")
          .add("recipe_hocon", "string")
          .add("dataset_fingerprint", "string")
          .add("seed", "long")
          .add("workers", "int")
          .add("engine", "string")
          .add("threads", "int")
          .add("epoch", "int")
          .add("round", "int")
          .add("step", "long")
          .add("images_seen", "long")
          .add("loss", "double")
          .add("learning_rate", "double")
          .add("seconds", "double")
          .add("images", "long")
          .add("compute_seconds", "double")
          .add("input_seconds", "double")
          .add("averaging_seconds", "double")
          .add("bytes_moved", "long")
          .add("git_revision", "string")
          .add("spark_version", "string")
          .add("dl4j_version", "string")
          .add("java_version", "string");

  private TrainingTable() {}

  /**
   * The row of one round.
   *
   * @param identity the training's, from {@link Identity#columns}
   * @param circumstances from {@link dev.expanse.jobs.results.Circumstances}
   */
  public static Map<String, Object> row(
      String training,
      Map<String, Object> identity,
      Map<String, Object> circumstances,
      Round round) {
    var row = new LinkedHashMap<>(identity);
    row.putAll(circumstances);
    row.put("training", training);
    row.put("epoch", round.epoch());
    row.put("round", round.number());
    row.put("step", round.step());
    row.put("images_seen", round.images());
    row.put("loss", round.loss());
    row.put("learning_rate", round.learningRate());
    row.put("seconds", round.seconds());
    round
        .report()
        .ifPresent(
            report -> {
              row.put("images", report.images());
              row.put("compute_seconds", report.computeSeconds());
              row.put("input_seconds", report.inputSeconds());
              row.put("averaging_seconds", report.averagingSeconds());
              row.put("bytes_moved", report.bytesMoved());
            });
    return row;
  }
}
