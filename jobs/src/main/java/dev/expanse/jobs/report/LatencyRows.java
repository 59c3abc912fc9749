package dev.expanse.jobs.report;

import dev.expanse.jobs.results.ResultTable;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** What a report needs of the table {@code latency}, a row a network, engine, batch and threads. */
public final class LatencyRows {
  private static final String TABLE = "latency";

  private LatencyRows() {}

  /** Its rows; none where there is no such table. */
  public static List<Row> read(SparkSession spark, Path results) {
    return new ResultTable(spark, results, TABLE, columns()).read().collectAsList();
  }

  static StructType columns() {
    return new StructType()
        .add("network_hash", "string")
        .add("engine", "string")
        .add("batch", "int")
        .add("threads", "int")
        .add("cpu", "string")
        .add("gpu", "string")
        .add("p50_ms", "double")
        .add("p90_ms", "double")
        .add("quiet", "boolean")
        .add("noise", "double");
  }
}
