package dev.expanse.jobs.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.report.SweepReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatencyConstraintTest {
  private static final int NETWORKS = 12;

  @TempDir private static Path folder;
  private static SmallSweeps sweeps;

  private static double limit;
  private static int slower;

  @TempDir private Path results;

  @BeforeAll
  static void time() {
    sweeps = SmallSweeps.in(folder);
    sweeps.sweep(folder, "constraints.latency-p50-ms = 0.001", "").run();
    var times =
        LocalSpark.session()
            .read()
            .parquet(folder.resolve("latency").toString())
            .orderBy("p50_ms")
            .collectAsList();
    assertThat(times).hasSize(NETWORKS);
    limit = times.get(NETWORKS - 6).getAs("p50_ms");
    slower = (int) times.stream().filter(row -> row.<Double>getAs("p50_ms") > limit).count();
    assertThat(slower).isBetween(1, 5);
  }

  /** What was measured once is not measured again. */
  @BeforeEach
  void takeTimes() throws IOException {
    FileUtils.copyDirectory(
        folder.resolve("latency").toFile(), results.resolve("latency").toFile());
  }

  @Test
  @DisplayName("Where no network is fast enough, none is trained, and each row says why")
  void allTooSlow() {
    var sweep = sweeps.sweep(results, "constraints.latency-p50-ms = 0.001", "");
    var keys = sweep.run();
    var rows = rows();

    assertThat(rows).hasSize(NETWORKS).extracting(row -> row.getAs("key")).hasSameElementsAs(keys);
    assertThat(rows).extracting(row -> row.getAs("status")).containsOnly(SweepTable.EXCEEDS);
    assertThat(rows)
        .extracting(row -> row.<String>getAs("error"))
        .allMatch(error -> error.matches("latency-p50-ms is \\d+\\.\\d{3}, at most 0\\.001"));
    assertThat(rows).extracting(row -> row.getAs("top1")).containsOnlyNulls();
    assertThat(rows).extracting(row -> row.<Long>getAs("macs")).allMatch(macs -> macs > 0);
    assertThat(trainings()).isEmpty();
    assertThat(new SweepReport(rows).text())
        .containsPattern("\\| small-000000 \\|.*\\| +exceeds \\|")
        .contains("small-000000 exceeds: latency-p50-ms is ");
  }

  @Test
  @DisplayName("Of a grid, exactly the networks that are fast enough are trained")
  void grid() {
    var bounded = sweeps.sweep(results, "constraints.latency-p50-ms = " + limit, "");
    var keys = bounded.run();

    requireBounded(NETWORKS - slower, slower);
    assertThat(keys).hasSize(NETWORKS);
    var before = rows();
    assertThat(bounded.run()).isEqualTo(keys);
    assertThat(rows()).isEqualTo(before);
  }

  @Test
  @DisplayName("A random search draws as many valid networks as without, and trains the fast ones")
  void random() {
    var search = "search { strategy = random, samples = 100 }";
    var bounded = "constraints.latency-p50-ms = " + limit + "\n" + search;
    sweeps.sweep(results, bounded, "").run();

    requireBounded(NETWORKS - slower, slower);
  }

  @Test
  @DisplayName("What is too slow for one sweep is trained by another that does not mind")
  void unbounded() {
    var bounded = sweeps.sweep(results, "constraints.latency-p50-ms = " + limit, "");
    var slow = bounded.run();
    var sweep = sweeps.sweep(results, "", "");
    var keys = sweep.run();

    var rows = rows();
    assertThat(rows).hasSize(NETWORKS + slower);
    var ok = rows.stream().filter(row -> row.getAs("status").equals(SweepTable.OK)).toList();
    assertThat(ok).hasSize(NETWORKS).extracting(row -> row.getAs("key")).hasSameElementsAs(keys);
    assertThat(new SweepReport(rows).text()).doesNotContain("exceeds");
    assertThat(bounded.run()).isEqualTo(slow).isNotEqualTo(keys);
    assertThat(rows()).isEqualTo(rows);
  }

  @Test
  @DisplayName("What is listed beside the space is trained however slow it is")
  void listed() {
    var listed = "configurations = [{ base = ecnn, width = 0.1 }]";
    sweeps.sweep(results, "constraints.latency-p50-ms = 0.001", listed).run();

    var rows = rows();
    assertThat(rows).hasSize(1 + NETWORKS);
    assertThat(rows)
        .filteredOn(row -> row.getAs("status").equals(SweepTable.OK))
        .extracting(row -> row.getAs("network"))
        .containsExactly("ecnn");
  }

  @Test
  @DisplayName("By halving, only those that are fast enough race")
  void halving() {
    var bounded = "constraints.latency-p50-ms = " + limit;
    var sweep = sweeps.sweep(results, bounded, "halving.rungs = [1]");
    var keys = sweep.run();

    var rows = rows();
    assertThat(rows).hasSize(NETWORKS).extracting(row -> row.getAs("key")).hasSameElementsAs(keys);
    int racing = NETWORKS - slower;
    assertThat(count(rows, SweepTable.EXCEEDS)).isEqualTo(slower);
    assertThat(count(rows, SweepTable.OK)).isEqualTo((racing + 1) / 2);
    assertThat(count(rows, SweepTable.ELIMINATED)).isEqualTo(racing / 2);
    assertThat(sweep.run()).isEqualTo(keys);
    assertThat(rows()).isEqualTo(rows);
  }

  @Test
  @DisplayName("In evolution, what is too slow is not trained and has no children")
  void evolution() {
    var bounded =
        "constraints.latency-p50-ms = "
            + limit
            + "\nsearch { strategy = evolution, population = 3, generations = 2 }";
    var sweep = sweeps.sweep(results, bounded, "");
    var keys = sweep.run();

    var rows = rows();
    assertThat(rows).hasSize(9).extracting(row -> row.getAs("key")).hasSameElementsAs(keys);
    int slow = count(rows, SweepTable.EXCEEDS);
    assertThat(slow).isPositive();
    requireBounded(9 - slow, slow);
    assertThat(sweep.run()).isEqualTo(keys);
    assertThat(rows()).isEqualTo(rows);
  }

  private static int count(List<Row> rows, String status) {
    return (int) rows.stream().filter(row -> row.getAs("status").equals(status)).count();
  }

  /** So many were trained, all of them fast enough, and so many were not, all too slow. */
  private void requireBounded(int fast, int slow) {
    var rows = rows();
    var trained = rows.stream().filter(row -> row.getAs("status").equals(SweepTable.OK)).toList();
    var left = rows.stream().filter(row -> row.getAs("status").equals(SweepTable.EXCEEDS)).toList();
    assertThat(trained)
        .hasSize(fast)
        .allMatch(row -> row.<Double>getAs("latency_p50_ms") <= limit)
        .allMatch(row -> row.<Double>getAs("top1") != null);
    assertThat(left)
        .hasSize(slow)
        .allMatch(row -> row.<Double>getAs("latency_p50_ms") > limit)
        .allMatch(row -> row.<Double>getAs("top1") == null);
    assertThat(trainings())
        .hasSameElementsAs(trained.stream().map(row -> row.<String>getAs("training")).toList());
  }

  private List<String> trainings() {
    var folder = results.resolve("training");
    return folder.toFile().exists()
        ? LocalSpark.session()
            .read()
            .parquet(folder.toString())
            .select("training")
            .distinct()
            .collectAsList()
            .stream()
            .map(row -> row.getString(0))
            .toList()
        : List.of();
  }

  private List<Row> rows() {
    return LocalSpark.session()
        .read()
        .parquet(results.resolve("sweep").toString())
        .orderBy("network", "status")
        .collectAsList();
  }
}
