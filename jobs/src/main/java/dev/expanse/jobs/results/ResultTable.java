package dev.expanse.jobs.results;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.progress.JobDescription;
import java.net.URI;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * An append-only Parquet table under {@code results/<table>/run=<id>/}. What was appended is there
 * for good: a process that is killed loses no row and leaves no half one. Each append is a file; a
 * {@link Compaction} makes few of many.
 */
public final class ResultTable {
  /** What the name of a run's folder begins with. */
  static final String RUN = "run=";

  private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  private final SparkSession spark;
  private final Path folder;
  private final StructType schema;
  private final String run;

  /** The table of that name in the results folder; rows are appended under a run of its own. */
  public ResultTable(SparkSession spark, Path results, String name, StructType schema) {
    this(spark, results, name, schema, newRun());
  }

  /** A table whose rows are appended under the run {@code run}, as those of tables beside it. */
  public ResultTable(SparkSession spark, Path results, String name, StructType schema, String run) {
    this.spark = spark;
    this.folder = new Path(results, name);
    this.schema = schema;
    this.run = run;
  }

  /** The table's folder. */
  public Path folder() {
    return folder;
  }

  /** The id under which this process appends rows. */
  public String run() {
    return run;
  }

  /** Appends rows, each a map from columns to values; a column without a value is null. */
  public void append(List<Map<String, Object>> rows) {
    RowFile.write(spark, ofRun(), schema, rows.stream().map(this::row).toList());
  }

  /**
   * Appends rows that Spark computes, as many files as they have partitions. They are there when
   * all are computed; a process that is killed in that moment may leave the files of some.
   *
   * @param rows with the table's columns, in their order
   * @return the folder of this run's rows
   */
  public Path append(Dataset<Row> rows) {
    var columns = String.join(", ", schema.fieldNames());
    if (!columns.equals(String.join(", ", rows.columns()))) {
      throw new IllegalArgumentException(
          "Cannot append " + String.join(", ", rows.columns()) + " to a table of " + columns);
    }
    var part = ofRun();
    return JobDescription.during(
        spark,
        "rows of " + folder.getName(),
        () -> {
          rows.write().mode(SaveMode.Append).parquet(part.toString());
          return part;
        });
  }

  private Path ofRun() {
    return new Path(folder, RUN + run);
  }

  /**
   * All rows of all runs, with the column {@code run}; none where nothing was appended yet. Each
   * row is there once, also while the table is being compacted and after that was interrupted.
   */
  public Dataset<Row> read() {
    var withRun = schema.add("run", "string");
    var storage = new Storage(spark.sparkContext().hadoopConfiguration());
    if (!storage.exists(folder)) {
      return spark.createDataFrame(List.<Row>of(), withRun);
    }
    var rows = spark.read().schema(withRun).parquet(folder.toString()); // lists its files now
    var listed = Set.copyOf(fileNames(rows));
    // later than the list, so that whatever made it incomplete is among the manifests
    for (var manifest : Manifest.all(storage, folder)) {
      var replaced = new HashSet<>(manifest.replaced());
      replaced.retainAll(listed);
      if (!replaced.isEmpty()) {
        rows = rows.where(not(col("_metadata.file_name").isin(replaced.toArray())));
      }
      for (var file : manifest.merged()) {
        var place = manifest.place(storage, folder, file);
        if (!listed.contains(file.file()) && place.isPresent()) {
          rows = rows.unionAll(readOne(place.get(), file.run()));
        }
      }
    }
    return rows;
  }

  private Dataset<Row> readOne(Path file, String ofRun) {
    return spark.read().schema(schema).parquet(file.toString()).withColumn("run", lit(ofRun));
  }

  /** The names of the files that rows are read from. */
  static List<String> fileNames(Dataset<Row> rows) {
    return Arrays.stream(rows.inputFiles())
        .map(file -> new Path(URI.create(file)).getName())
        .toList();
  }

  private Row row(Map<String, Object> values) {
    for (var column : values.keySet()) {
      if (schema.getFieldIndex(column).isEmpty()) {
        throw new IllegalArgumentException("Cannot append the unknown column '" + column + "'");
      }
    }
    return RowFactory.create(Arrays.stream(schema.fieldNames()).map(values::get).toArray());
  }

  /** An id for a run: when it began, and chance. */
  public static String newRun() {
    var random = new byte[2];
    ThreadLocalRandom.current().nextBytes(random);
    return LocalDateTime.now(ZoneOffset.UTC).format(SECOND)
        + "-"
        + HexFormat.of().formatHex(random);
  }
}
