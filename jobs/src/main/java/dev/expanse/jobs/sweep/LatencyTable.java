package dev.expanse.jobs.sweep;

import org.apache.spark.sql.types.StructType;

/** The columns of {@code results/latency}: a row a network, batch, engine and protocol. */
public final class LatencyTable {
  /** The table's name. */
  public static final String NAME = "latency";

  /** Version of the columns, in each row. */
  public static final int SCHEMA_VERSION = 3;

  /** The columns. */
  public static final StructType SCHEMA =
      new StructType()
          // what was measured
          .add("key", "string")
          .add("network", "string")
          .add("network_hash", "string")
          .add("network_hocon", "string")
          .add("resolution", "int")
          .add("classes", "int")
          .add("engine", "string")
          .add("threads", "int")
          .add("batch", "int")
          // how
          .add("protocol", "string")
          .add("queries", "int")
          .add("warm_up_queries", "int")
          .add("steady", "boolean")
          .add("quiet", "boolean")
          .add("disturbed_queries", "int")
          // the outcome
          .add("mean_ms", "double")
          .add("deviation_ms", "double")
          .add("p50_ms", "double")
          .add("p90_ms", "double")
          .add("p99_ms", "double")
          .add("images_per_second", "double")
          // how quiet the machine was
          .add("calibration_before_ms", "double")
          .add("calibration_after_ms", "double")
          .add("calibration_fastest_ms", "double")
          .add("noise", "double")
          .add("cores", "int")
          .add("cores_idle", "double")
          .add("load_before", "double")
          .add("load_after", "double")
          // circumstances
          .add("host", "string")
          .add("cpu", "string")
          .add("gpu", "string")
          .add("status", "string")
          .add("error", "string")
          .add("started_at", "timestamp")
          .add("seconds", "double")
          .add("schema_version", "int")
          .add("git_revision", "string")
          .add("spark_version", "string")
          .add("dl4j_version", "string")
          .add("java_version", "string");

  private LatencyTable() {}
}
