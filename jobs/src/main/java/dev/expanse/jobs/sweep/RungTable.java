package dev.expanse.jobs.sweep;

import org.apache.spark.sql.types.StructType;

/** The columns of {@code results/rung}: a row a configuration and rung that it has come to. */
public final class RungTable {
  /** The table's name. */
  public static final String NAME = "rung";

  /** Version of the columns, in each row. */
  public static final int SCHEMA_VERSION = 2;

  /** The columns. */
  public static final StructType SCHEMA =
      new StructType()
          .add("key", "string")
          .add("configuration", "string")
          .add("training", "string")
          .add("network", "string")
          .add("network_hash", "string")
          .add("seed", "long")
          .add("rung", "int")
          .add("images_seen", "long")
          .add("train_seconds", "double")
          .add("train_loss", "double")
          .add("val_images", "long")
          .add("top1", "double")
          .add("top1_standard_error", "double")
          .add("top5", "double")
          .add("val_loss", "double")
          .add("chance", "double")
          .add("status", "string")
          .add("error", "string")
          .add("started_at", "timestamp")
          .add("seconds", "double")
          .add("schema_version", "int")
          .add("git_revision", "string")
          .add("spark_version", "string")
          .add("dl4j_version", "string")
          .add("java_version", "string");

  private RungTable() {}
}
