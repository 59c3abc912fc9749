package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.jobs.notebook.Notebook;
import dev.expanse.jobs.report.SweepRows;
import dev.expanse.jobs.results.ResultTable;
import dev.expanse.jobs.sweep.SweepTable;
import dev.expanse.jobs.training.TrainingTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NotebookJobTest {
  private static final Path RESULTS_NOTEBOOK = Path.of("..", "notebooks", "results.ipynb");

  private static final Path NETWORK_NOTEBOOK = Path.of("..", "notebooks", "network.ipynb");

  @TempDir private Path folder;

  @BeforeAll
  static void startSpark() {
    LocalSpark.session(); // the job takes it instead of starting one
  }

  @Test
  @DisplayName("The notebook of results runs on the tables that a sweep writes")
  void results() throws IOException {
    tables();
    var output = folder.resolve("run.ipynb");

    var outcome =
        CommandRun.of(
            "notebook",
            RESULTS_NOTEBOOK.toString(),
            "--results",
            folder.toString(),
            "--output",
            output.toString());

    assertThat(outcome.status()).as(outcome.err()).isZero();
    var cells = Notebook.parse(Files.readString(output), "output").code();
    assertThat(cells.get(0).printed()).contains("| a ").contains("| b ").contains("| c ");
    assertThat(cells.get(1).printed().lines())
        .hasSize(2)
        .anyMatch(line -> line.startsWith("a ") && line.contains("top-1  20.0%"))
        .anyMatch(line -> line.startsWith("c ") && line.contains("top-1  40.0%"));
    // ranks 1, 2, 3 against 3, 1, 2
    assertThat(cells.get(2).printed()).startsWith("macs                   -0.50\n");
    assertThat(cells.get(2).pictures()).isEqualTo(1);
    assertThat(cells.get(3).pictures()).isEqualTo(1);
  }

  @Test
  @DisplayName("The notebook of a network trains one, evaluates it and shows its filters")
  void network() throws IOException {
    var output = folder.resolve("run.ipynb");

    var outcome =
        CommandRun.of(
            "notebook",
            NETWORK_NOTEBOOK.toString(),
            "--results",
            folder.toString(),
            "--output",
            output.toString());

    assertThat(outcome.status()).as(outcome.err()).isZero();
    var cells = Notebook.parse(Files.readString(output), "output").code();
    assertThat(cells.get(1).printed().lines()).hasSize(10);
    assertThat(cells.get(2).printed()).contains(" rounds, 3,026 images, loss ");
    assertThat(cells.get(3).pictures()).isEqualTo(1);
    assertThat(cells.get(4).printed()).startsWith("788 images: top-1 ").contains("chance is 1.9%");
    assertThat(cells.get(5).pictures()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"results", "network"})
  @DisplayName("A notebook is there with what its cells have put out")
  void committed(String name) throws IOException {
    var file = Path.of("..", "notebooks", name + ".ipynb");

    var cells = Notebook.parse(Files.readString(file), name).code();

    assertThat(cells).allMatch(cell -> !cell.printed().isEmpty() || cell.pictures() > 0);
  }

  @Test
  @DisplayName("A cell that does not compile or fails is named in one sentence")
  void mistakes() throws IOException {
    refused("int x = y;", "cell of code 2: does not compile: int x = y;: cannot find symbol");
    refused("int[] x = {}; x[1] = 2;", "cell of code 2: java.lang.ArrayIndexOutOfBounds");
    refused("for (;;) {", "cell of code 2: is not complete: for (;;) {");
    assertThat(run("none.ipynb").err()).contains("none.ipynb: no such file").hasLineCount(1);
    var text = Files.writeString(folder.resolve("text.ipynb"), "text").toString();
    assertThat(run(text).err()).contains("expected a notebook, which is JSON").hasLineCount(1);
  }

  private void refused(String code, String message) throws IOException {
    var notebook =
        """
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
          {"cell_type": "code", "source": ["int known = 1;"], "outputs": []},
          {"cell_type": "markdown", "source": ["not code"]},
          {"cell_type": "code", "source": ["%s"], "outputs": []}]}
        """
            .formatted(code);
    var file = Files.writeString(folder.resolve("mistake.ipynb"), notebook);

    var outcome = run(file.toString());

    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err()).startsWith("expanse: ").contains(message).hasLineCount(1);
    assertThat(file).hasContent(notebook);
  }

  private CommandRun run(String notebook) {
    return CommandRun.of("notebook", notebook, "--results", folder.toString());
  }

  private void tables() {
    var spark = LocalSpark.session();
    spark
        .createDataFrame(
            List.of(
                SweepRows.of("a", 1_000_000, 0.2, 3, "key", "key-a"),
                SweepRows.of("b", 2_000_000, 0.1, 1, "key", "key-b"),
                SweepRows.of("c", 3_000_000, 0.4, 2, "key", "key-c")),
            SweepTable.SCHEMA)
        .write()
        .parquet(folder.resolve("sweep/run=20260101-000000-aaaa").toString());
    var results = new org.apache.hadoop.fs.Path(folder.toUri());
    var rounds = new ResultTable(spark, results, TrainingTable.NAME, TrainingTable.SCHEMA);
    rounds.append(
        List.of(
            Map.of("training", "key-a", "round", 1, "images_seen", 100L, "loss", 4.0),
            Map.of("training", "key-a", "round", 2, "images_seen", 200L, "loss", 3.0)));
  }
}
