package dev.expanse.jobs.space;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.min_by;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.sum;

import dev.expanse.core.config.Settings;
import dev.expanse.core.config.Sha256;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.results.Circumstances;
import dev.expanse.jobs.results.ResultTable;
import dev.expanse.jobs.space.Assessment.Status;
import java.util.Iterator;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The table {@code results/complexity}: a row for each configuration of a space, by Spark. */
public final class ComplexityTable {
  /** The table's name. */
  public static final String NAME = "complexity";

  /** Version of the columns, in each row. */
  public static final int SCHEMA_VERSION = 1;

  private static final StructType MEASURED =
      new StructType()
          .add("index", "long")
          .add("network", "string")
          .add("choices", "string")
          .add("macs", "long")
          .add("params", "long")
          .add("activations", "long")
          .add("weight_bytes", "long")
          .add("peak_activation_bytes", "long")
          .add("status", "string")
          .add("reason", "string");

  /** The columns. */
  public static final StructType SCHEMA =
      MEASURED
          .add("space", "string")
          .add("space_hash", "string")
          .add("schema_version", "int")
          .add("git_revision", "string")
          .add("spark_version", "string")
          .add("dl4j_version", "string")
          .add("java_version", "string");

  // few enough that tasks end evenly, and so many that reading the space anew is nothing
  private static final long ROWS_A_TASK = 50_000;

  private final SparkSession session;
  private final ResultTable table;

  /** The table in a results folder. */
  public ComplexityTable(SparkSession session, Path results) {
    this.session = session;
    this.table = new ResultTable(session, results, NAME, SCHEMA);
  }

  /**
   * What was done.
   *
   * @param summary how many configurations are valid, and why others are not
   * @param seconds how long evaluating and writing took
   * @param cores how many tasks ran at once
   * @param folder where the rows are
   */
  public record Outcome(Summary summary, double seconds, int cores, Path folder) {
    /** Configurations a second of each core. */
    public double rate() {
      return summary.count() / seconds / cores;
    }
  }

  /**
   * Appends a row for each configuration that a space's search looks at.
   *
   * @throws dev.expanse.core.config.InvalidInputException if its grid is too large, or its strategy
   *     evolution
   */
  public Outcome append(SearchSpace space) {
    long count = space.sample().count();
    int slots = Compute.tasksAtOnce(JavaSparkContext.fromSparkContext(session.sparkContext()));
    int tasks = (int) Math.min(count, Math.max(slots, (count - 1) / ROWS_A_TASK + 1));
    var rows =
        session
            .range(0, count, 1, tasks)
            .mapPartitions(assess(space.toHocon(), space.source()), Encoders.row(MEASURED));
    var circumstances = Circumstances.of(session);
    var complete =
        rows.withColumn("space", lit(space.source()))
            .withColumn("space_hash", lit(Sha256.of(space.toHocon()).substring(0, 16)))
            .withColumn("schema_version", lit(SCHEMA_VERSION));
    for (var column : SCHEMA.fieldNames()) {
      if (circumstances.containsKey(column)) {
        complete = complete.withColumn(column, lit(circumstances.get(column)));
      }
    }
    long start = System.nanoTime();
    var folder = table.append(complete);
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Outcome(summary(folder), seconds, Math.min(slots, tasks), folder);
  }

  /** Each task reads the space once, and computes its own part of the sample. */
  private static MapPartitionsFunction<Long, Row> assess(String hocon, String source) {
    return places -> {
      var space = SearchSpace.read(Settings.parse(hocon, source));
      var sample = space.sample();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return places.hasNext();
        }

        @Override
        public Row next() {
          return row(space, sample.at(places.next()));
        }
      };
    };
  }

  private static Row row(SearchSpace space, long index) {
    var assessment = space.assess(index);
    var totals = assessment.totals();
    boolean built = totals != null;
    return RowFactory.create(
        index,
        space.name(index),
        space.choices(index),
        built ? totals.macs() : null,
        built ? totals.parameters() : null,
        built ? totals.activations() : null,
        built ? totals.weightBytes() : null,
        built ? totals.peakActivationBytes() : null,
        assessment.status().id(),
        assessment.reason());
  }

  private Summary summary(Path folder) {
    Column kind = regexp_replace(col("reason"), Summary.NUMBER, "#");
    var groups =
        session
            .read()
            .schema(SCHEMA)
            .parquet(folder.toString())
            // equal reasons first: they are few, and numbers alone need no sorting of all rows
            .groupBy(col("status"), col("reason"))
            .agg(count(lit(1)).as("count"), min(col("index")).as("first"))
            .groupBy(col("status"), kind.as("kind"))
            .agg(sum(col("count")).as("count"), min_by(col("reason"), col("first")).as("example"))
            .collectAsList();
    return new Summary(
        groups.stream()
            .map(
                group ->
                    new Summary.Group(
                        Status.of(group.getAs("status")),
                        group.getAs("example"),
                        group.<Long>getAs("count")))
            .toList());
  }
}
