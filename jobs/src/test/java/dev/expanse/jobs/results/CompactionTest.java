package dev.expanse.jobs.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.data.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompactionTest {
  private static final SparkSession SPARK = LocalSpark.session();
  private static final StructType SCHEMA =
      new StructType().add("key", "string").add("value", "double");

  @TempDir private static Path made;
  @TempDir private Path results;

  /** A run of two files, and one of a single file. */
  @BeforeAll
  static void make() {
    TrialFileSystem.register(SPARK.sparkContext().hadoopConfiguration());
    for (var run : List.of("20260101-000000-aaaa:2", "20260102-x:1")) {
      var table = new ResultTable(SPARK, hadoop(made), "t", SCHEMA, run.split(":")[0]);
      for (int i = 0; i < Integer.parseInt(run.split(":")[1]); i++) {
        append(table, run.split(":")[0] + "/" + i);
      }
    }
  }

  @Test
  @DisplayName("Of many files of a run becomes one, with the same rows in the same run")
  void merges() throws IOException {
    var table = copy();
    var before = rows(plain());

    var outcome = compaction(table).run();

    assertThat(outcome).isEqualTo(new Compaction.Outcome(2, 3, 2));
    assertThat(files()).isEqualTo(2);
    assertThat(rows(plain())).hasSize(3).isEqualTo(before);
    assertThat(rows(table().read())).isEqualTo(before);
    assertThat(compaction(table).run()).isEqualTo(new Compaction.Outcome(2, 2, 2));
    assertThat(rows(plain())).isEqualTo(before);
  }

  @Test
  @DisplayName("Killed before any change on disk, no row is lost or doubled, and the next one ends")
  void killed() throws IOException {
    var before = rows(SPARK.read().parquet(made.resolve("t").toString()));
    int changes = changes();

    for (int n = 1; n <= changes; n++) {
      var table = copy();
      TrialFileSystem.dieAt(n);
      assertThatThrownBy(() -> compaction(table).run()).as("change %d", n).isNotNull();

      assertThat(rows(table().read())).as("killed at change %d", n).isEqualTo(before);
      assertThat(rows(plain().distinct())).as("plain Spark, change %d", n).isEqualTo(before);

      TrialFileSystem.count();
      compaction(table).run();
      assertThat(rows(plain())).as("plain Spark, finished, change %d", n).isEqualTo(before);
      assertThat(files()).as("files after change %d", n).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("Rows that are appended before any change on disk are kept, once")
  void meanwhile() throws IOException {
    var before = rows(SPARK.read().parquet(made.resolve("t").toString()));
    int changes = changes();

    for (int n = 1; n <= changes; n++) {
      var table = copy();
      var sweep = new ResultTable(SPARK, hadoop(results), "t", SCHEMA, "20260101-000000-aaaa");
      var seen = new ArrayList<List<String>>();
      TrialFileSystem.arrange(
          n,
          () ->
              CompletableFuture.runAsync(
                      () -> {
                        append(sweep, "new");
                        seen.add(rows(sweep.read()));
                      })
                  .join());

      compaction(table).run();

      var expected = new ArrayList<>(before);
      expected.add("new,1.5,20260101-000000-aaaa");
      expected.sort(null);
      assertThat(seen).as("read before change %d", n).containsExactly(expected);
      assertThat(rows(plain())).as("plain Spark, change %d", n).isEqualTo(expected);
    }
  }

  @Test
  @DisplayName("Columns that only some rows have are kept")
  void columns() throws IOException {
    var more = SCHEMA.add("later", "string");
    var table = copy();
    new ResultTable(SPARK, hadoop(results), "t", more, "20260101-000000-aaaa")
        .append(List.of(Map.of("key", "k", "value", 2.0, "later", "yes")));

    compaction(table).run();

    var all = SPARK.read().option("mergeSchema", true).parquet(results.resolve("t").toString());
    assertThat(all.count()).isEqualTo(4);
    assertThat(all.where("later = 'yes'").first().<String>getAs("key")).isEqualTo("k");
  }

  @Test
  @DisplayName("A compaction that another has overtaken changes nothing")
  void overtaken() throws IOException {
    var table = copy();
    int last = changes() / 2;
    copy();
    TrialFileSystem.arrange(
        last, () -> Claim.take(storage(), storage().fileSystem(table), plainPath()));

    assertThatThrownBy(() -> compaction(table).run())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("another has begun since");
    assertThat(rows(plain())).hasSize(3);
  }

  @Test
  @DisplayName("A merged file that a user deletes is gone, and nothing else")
  void deleted() throws IOException {
    var table = copy();
    compaction(table).run();
    try (var list = Files.list(results.resolve("t/run=20260101-000000-aaaa"))) {
      for (var file : list.toList()) {
        Files.delete(file);
      }
    }

    assertThat(rows(table().read())).hasSize(1);
    compaction(table).run();
    assertThat(rows(table().read())).hasSize(1);
  }

  private int changes() throws IOException {
    var table = copy();
    TrialFileSystem.count();
    compaction(table).run();
    return TrialFileSystem.changes();
  }

  private org.apache.hadoop.fs.Path copy() throws IOException {
    storage().delete(hadoop(results.resolve("t")));
    try (var paths = Files.walk(made.resolve("t"))) {
      for (var path : paths.filter(path -> !path.toString().endsWith(".crc")).toList()) {
        Files.copy(path, results.resolve(made.relativize(path).toString()));
      }
    }
    return TrialFileSystem.path(results.resolve("t"));
  }

  private static Compaction compaction(org.apache.hadoop.fs.Path table) {
    return new Compaction(SPARK, table);
  }

  private ResultTable table() {
    return new ResultTable(SPARK, hadoop(results), "t", SCHEMA);
  }

  /** The table as a user reads it, with nothing but Spark. */
  private Dataset<Row> plain() {
    return SPARK.read().parquet(results.resolve("t").toString());
  }

  private org.apache.hadoop.fs.Path plainPath() {
    return hadoop(results.resolve("t"));
  }

  private long files() throws IOException {
    try (var paths = Files.find(results.resolve("t"), 9, (path, a) -> isParquet(path))) {
      return paths.count();
    }
  }

  private static boolean isParquet(Path path) {
    return path.toString().endsWith(".parquet");
  }

  private static void append(ResultTable table, String key) {
    table.append(List.of(Map.of("key", key, "value", 1.5)));
  }

  private static List<String> rows(Dataset<Row> rows) {
    return rows.select("key", "value", "run").collectAsList().stream()
        .map(row -> row.mkString(","))
        .sorted()
        .toList();
  }

  private static Storage storage() {
    return new Storage(SPARK.sparkContext().hadoopConfiguration());
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }
}
