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
          .add("images_seen", "long")
          .add("loss", "double")
          .add("seconds", "double")
          .add("git_revision", "string")
          .add("spark_version", "string")
          .add("dl4j_version", "string")
          .add("java_version", "string");

  private TrainingTable() {}

  /**
   * The row of one round.
   *
   * @param training what the training says of itself, from {@link AveragedTraining#columns}
   * @param circumstances from {@link dev.expanse.jobs.results.Circumstances}
   */
  public static Map<String, Object> row(
      Map<String, Object> training,
      Map<String, Object> circumstances,
      AveragedTraining.Round round) {
    var row = new LinkedHashMap<>(training);
    row.putAll(circumstances);
    row.put("epoch", round.epoch());
    row.put("round", round.round());
    row.put("images_seen", round.images());
    row.put("loss", round.loss());
    row.put("seconds", round.seconds());
    return row;
  }
}
