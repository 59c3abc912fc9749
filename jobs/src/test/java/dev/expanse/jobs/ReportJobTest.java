package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.config.Settings;
import dev.expanse.jobs.report.SweepRows;
import dev.expanse.jobs.space.SearchSpace;
import dev.expanse.jobs.sweep.SweepSpec;
import dev.expanse.jobs.sweep.SweepTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportJobTest {
  private static final String SWEEP =
      """
      dataset = sample, recipe = quick, resolution = 32, width = 0.25
      configurations = [{ base = ecnn }]
      """;

  @TempDir private Path results;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session(); // the job takes it instead of starting one
  }

  @BeforeEach
  void append() {
    var sweep = SweepSpec.read(Settings.parse(SWEEP, "sweep.conf"));
    var ecnn = sweep.networks().get(0).withClasses(100);
    append(
        SweepRows.of("small", 1_000_000, 0.2, 1, "network_hocon", "name = \"a, b\"\nwidth = 1"),
        SweepRows.of("large", 2_000_000, 0.3, 2),
        SweepRows.failed("broken", "no \"memory\""));
    append(
        SweepRows.of(
            "ecnn",
            3_000_000,
            0.4,
            3,
            "network_hash",
            ecnn.hash(),
            "recipe_hocon",
            sweep.recipe().toHocon()));
    append(SweepRows.of("other", 1, 0.5, 4, "dataset", "other", "dataset_fingerprint", "g"));
  }

  @Test
  @DisplayName("A report is tables here, a figure for each of them, CSV of all rows, and a page")
  void all() throws IOException {
    var outcome = run();

    assertThat(outcome.status()).as(outcome.err()).isZero();
    assertThat(outcome.out().lines().filter(line -> line.startsWith("dataset "))).hasSize(3);
    assertThat(outcome.out())
        .contains("Pareto front of top-1 and MACs: small, large")
        .contains("broken failed: no \"memory\"");
    assertThat(results.resolve("sweep.png")).isNotEmptyFile();
    assertThat(results.resolve("sweep-3.png")).isNotEmptyFile();
    assertThat(Files.readString(results.resolve("report.html")))
        .startsWith("<!DOCTYPE html>")
        .contains("\"name\":\"large\"");
    var csv =
        LocalSpark.session()
            .read()
            .option("header", true)
            .option("multiLine", true)
            .option("escape", "\"")
            .csv(results.resolve("report.csv").toString());
    assertThat(csv.columns()).startsWith(SweepTable.SCHEMA.fieldNames()).endsWith("run");
    assertThat(csv.count()).isEqualTo(5);
    assertThat(csv.where("network = 'small'").first().<String>getAs("network_hocon"))
        .isEqualTo("name = \"a, b\"\nwidth = 1");
    assertThat(csv.where("network = 'broken'").first().<String>getAs("error"))
        .isEqualTo("no \"memory\"");
  }

  @Test
  @DisplayName("Only a dataset's, a recipe's or a sweep's rows are reported where one is named")
  void filtered() throws IOException {
    assertThat(run("--dataset", "other").out()).contains("| other ").doesNotContain("| small ");
    assertThat(run("--recipe", "quick", "--dataset", "sample").out())
        .contains("| small ")
        .contains("| ecnn ")
        .doesNotContain("| other ");
    var sweep = Files.writeString(results.resolve("sweep.conf"), SWEEP).toString();
    assertThat(run("--sweep", sweep).out()).contains("| ecnn ").doesNotContain("| small ");
  }

  @Test
  @DisplayName("Of a sweep whose space evolves, all configurations of the space are reported")
  void evolving() throws IOException {
    var space = "base = ecnn, resolution = 32, width = [0.25, 0.5]";
    var spec = SearchSpace.read(Settings.parse(space, "space.conf")).spec(1).withClasses(100);
    var recipe = SweepSpec.read(Settings.parse(SWEEP, "sweep.conf")).recipe().toHocon();
    append(
        SweepRows.of("ecnn-000001", 1, 0.4, 1, "recipe_hocon", recipe, "network_hash", spec.hash()),
        SweepRows.of("ecnn-000000", 1, 0.4, 1, "recipe_hocon", recipe),
        SweepRows.of("ecnn-000009", 1, 0.4, 1, "recipe_hocon", recipe));
    var sweep =
        Files.writeString(
            results.resolve("evolution.conf"),
            "dataset = sample, recipe = quick, space { "
                + space
                + ", search.strategy = evolution }");

    var outcome = run("--sweep", sweep.toString());

    assertThat(outcome.out()).contains("| ecnn-000001 ");
    assertThat(outcome.out()).doesNotContain("| ecnn ", "ecnn-000000", "ecnn-000009", "| small ");
    var other = Files.readString(sweep).replace("0.5", "0.75, 1");
    Files.writeString(sweep, other);
    refused(
        run("--sweep", sweep.toString()), "none of its 3 configurations has a row yet on dataset");
  }

  @Test
  @DisplayName(
      "A baseline, the command's or else the sweep's own, is what others are compared with")
  void baseline() throws IOException {
    assertThat(run("--dataset", "sample", "--baseline", "small").out()).contains("| vs small |");
    refused(
        run("--dataset", "sample", "--baseline", "ecn"),
        "--baseline = ecn: expected one of [ecnn, large, small]");
    var sweep = results.resolve("sweep.conf");
    Files.writeString(sweep, SWEEP + "baseline = ecnn");
    assertThat(run("--sweep", sweep.toString()).out()).contains("| vs ecnn |");
  }

  @Test
  @DisplayName("Where nothing matches, a sentence says what there is")
  void nothing() throws IOException {
    refused(run("--dataset", "samples"), "--dataset = samples: expected one of [other, sample]");
    refused(run("--recipe", "slow"), "--recipe = slow: expected one of [quick]");
    refused(run("--sweep", "smallest"), "none of its 2 configurations has a row yet on dataset");
    refused(run("--sweep", "none"), "none: no such name under conf/sweeps");
  }

  @Test
  @DisplayName("Compaction makes a file of each run, and the report stays as it was")
  void compacted() {
    var before = run().out();

    var outcome = CommandRun.of("compact", "--results", results.toString());

    assertThat(outcome.status()).as(outcome.err()).isZero();
    assertThat(outcome.out()).isEqualTo("sweep: 1 runs, 3 files before, 1 now\n");
    assertThat(run().out()).isEqualTo(before);
    refused(
        CommandRun.of("compact", "--results", results.resolve("none").toString()),
        "none: no such folder");
    refused(
        CommandRun.of("compact", "--results", results.resolve("sweep").toString()),
        "expected the tables that a sweep writes, but there are none");
  }

  private CommandRun run(String... options) {
    var words = new ArrayList<>(List.of("report", "--results", results.toString()));
    words.addAll(List.of(options));
    return CommandRun.of(words.toArray(String[]::new));
  }

  private static void refused(CommandRun outcome, String message) {
    assertThat(outcome.status()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).startsWith("expanse: ").contains(message).hasLineCount(1);
  }

  private void append(Row... rows) {
    LocalSpark.session()
        .createDataFrame(List.of(rows), SweepTable.SCHEMA)
        .coalesce(1)
        .write()
        .mode(SaveMode.Append)
        .parquet(results.resolve("sweep/run=20260101-000000-aaaa").toString());
  }
}
