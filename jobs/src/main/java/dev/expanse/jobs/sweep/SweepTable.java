package dev.expanse.jobs.sweep;

import org.apache.spark.sql.types.StructType;

/** The columns of {@code results/sweep}: a row a configuration, documented in the README. */
public final class SweepTable {
  /** The table's name. */
  public static final String NAME = "sweep";

  /** Version of the columns, in each row. */
  public static final int SCHEMA_VERSION = 6;

  /** The columns. */
  public static final StructType SCHEMA =
      new StructType()
          // what was measured
          .add("key", "string")
          .add("configuration", "string")
          .add("training", "string")
          .add("network", "string")
          .add("network_hash", "string")
          .add("network_hocon", "string")
          .add("resolution", "int")
          .add("classes", "int")
          .add("recipe", "string")
          .add("recipe_hocon", "string")
          .add("dataset", "string")
          .add("dataset_fingerprint", "string")
          .add("seed", "long")
          .add("train", "string")
          .add("workers", "int")
          .add("threads", "int")
          // on paper
          .add("macs", "long")
          .add("params", "long")
          .add("activations", "long")
          .add("weight_bytes", "long")
          .add("peak_activation_bytes", "long")
          // training and evaluation
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
          // latency
          .add("engine", "string")
          .add("latency_batch", "int")
          .add("latency_threads", "int")
          .add("latency_queries", "int")
          .add("latency_mean_ms", "double")
          .add("latency_deviation_ms", "double")
          .add("latency_p50_ms", "double")
          .add("latency_p90_ms", "double")
          .add("latency_p99_ms", "double")
          .add("latency_cpu", "string")
          .add("latency_gpu", "string")
          .add("latency_steady", "boolean")
          .add("latency_quiet", "boolean")
          .add("latency_noise", "double")
          // outcome and circumstances
          .add("status", "string")
          .add("error", "string")
          .add("started_at", "timestamp")
          .add("seconds", "double")
          .add("schema_version", "int")
          .add("git_revision", "string")
          .add("spark_version", "string")
          .add("dl4j_version", "string")
          .add("java_version", "string");

  /** {@code status} of a configuration that was measured. */
  public static final String OK = "ok";

  /** {@code status} of a configuration that failed; {@code error} says why. */
  public static final String FAILED = "failed";

  /** {@code status} of a configuration that halving has left behind at a rung. */
  public static final String ELIMINATED = "eliminated";

  /**
   * {@code status} of a configuration that was not trained, for what was measured before exceeds a
   * constraint; {@code error} says which.
   */
  public static final String EXCEEDS = "exceeds";

  private SweepTable() {}
}
