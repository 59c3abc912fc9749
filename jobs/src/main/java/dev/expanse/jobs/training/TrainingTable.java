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
          .add("seed", "long")
          .add("epoch", "int")
          .add("round", "int")
          .add("images_seen", "long")
          .add("loss", "double")
          .add("seconds", "double");

  private TrainingTable() {}

  /** The row of one round. */
  public static Map<String, Object> row(
      dev.expanse.core.network.NetworkSpec spec, long seed, AveragedTraining.Round round) {
    var row = new LinkedHashMap<String, Object>();
    row.put("network", spec.name());
    row.put("network_hash", spec.hash());
    row.put("seed", seed);
    row.put("epoch", round.epoch());
    row.put("round", round.round());
    row.put("images_seen", round.images());
    row.put("loss", round.loss());
    row.put("seconds", round.seconds());
    return row;
  }
}
