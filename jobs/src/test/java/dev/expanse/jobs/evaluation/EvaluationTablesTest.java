package dev.expanse.jobs.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.HubFolders;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTablesTest {
  private static final Instant STARTED = Instant.parse("2026-11-26T01:02:03Z");

  @TempDir private Path folder;

  @Test
  @DisplayName(
      "An evaluation is a row, its recalls a row a class, its matrix a row a cell not zero")
  void rows() throws IOException {
    var tables = tables(folder.resolve("results"));
    var finished = tables.append(evaluation(Optional.empty()));
    var during = tables.append(evaluation(Optional.of(new Evaluation.Moment("t", 3, 12, 480))));

    var evaluations = read("evaluation", "epoch");
    assertThat(evaluations).hasSize(2);
    var row = evaluations.get(0); // nulls are first
    assertThat(row.<String>getAs("id")).isEqualTo(finished);
    assertThat(row.<java.sql.Timestamp>getAs("started_at").toInstant()).isEqualTo(STARTED);
    assertThat(row.<String>getAs("model")).isEqualTo("models/small");
    assertThat(row.<String>getAs("dataset_fingerprint")).isEqualTo(dataset().fingerprint());
    assertThat(Recipe.read(Settings.parse(row.getAs("recipe_hocon"), "row"))).isEqualTo(recipe());
    assertThat(row.<Long>getAs("images")).isEqualTo(5);
    assertThat(row.<Double>getAs("top1")).isEqualTo(0.4);
    assertThat(row.<Double>getAs("seconds")).isEqualTo(1.5);
    assertThat(row.<Integer>getAs("threads")).isEqualTo(2);
    assertThat(row.<Object>getAs("round")).isNull();
    assertThat(evaluations.get(1).<String>getAs("id")).isEqualTo(during);
    assertThat(evaluations.get(1).<String>getAs("training")).isEqualTo("t");
    assertThat(evaluations.get(1).<Integer>getAs("epoch")).isEqualTo(3);
    assertThat(evaluations.get(1).<Integer>getAs("round")).isEqualTo(12);
    assertThat(evaluations.get(1).<Long>getAs("images_seen")).isEqualTo(480);

    // the hub's shards name no classes
    assertThat(of(during, read("recall", "label")))
        .containsExactly("0 0 2 0.5 1.0", "1 1 2 0.5 1.0", "2 2 1 0.0 1.0", "3 3 0 null null");
    assertThat(of(during, read("confusion", "label", "predicted")))
        .containsExactly("0 0 0 0 1", "0 0 3 3 1", "1 1 0 0 1", "1 1 1 1 1", "2 2 0 0 1");
    assertThat(read("confusion", "label")).hasSize(10);
  }

  @Test
  @DisplayName("Where the matrix cannot be written there is no row of the evaluation")
  void matrixFirst() throws IOException {
    var results = Files.createDirectory(folder.resolve("results"));
    Files.writeString(results.resolve("confusion"), "a file where the folder should be");
    var tables = tables(results);

    assertThatThrownBy(() -> tables.append(evaluation(Optional.empty())))
        .hasStackTraceContaining("confusion");

    assertThat(results.resolve("recall")).exists();
    assertThat(results.resolve("evaluation")).doesNotExist();
  }

  private EvaluationTables tables(Path results) throws IOException {
    HubFolders.write(ImageFolders.write(folder.resolve("images"), 2, 1), folder.resolve("hub"), 1);
    return new EvaluationTables(LocalSpark.session(), hadoop(results));
  }

  private Evaluation evaluation(Optional<Evaluation.Moment> moment) {
    var counts = new EvaluationCounts(4);
    counts.add(0, new float[] {0.7f, 0.1f, 0.1f, 0.1f});
    counts.add(0, new float[] {0.1f, 0.1f, 0.1f, 0.7f});
    counts.add(1, new float[] {0.1f, 0.7f, 0.1f, 0.1f});
    counts.add(1, new float[] {0.7f, 0.1f, 0.1f, 0.1f});
    counts.add(2, new float[] {0.7f, 0.1f, 0.1f, 0.1f});
    var network =
        """
        name = small, family = inverted-residual, table = [[1, 8, 1, 2, 3]], stem = 8, head = 16
        resolution = 16, classes = 4
        """;
    var subject =
        new Evaluation.Subject(
            "models/small",
            NetworkSpec.read(Settings.parse(network, "network")),
            recipe(),
            "hub",
            dataset(),
            Dataset.VALIDATION,
            new Compute(Engine.STOCK, 2));
    return new Evaluation(subject, moment, counts, STARTED, 1.5);
  }

  private static Recipe recipe() {
    var text = "batch = 8, epochs = 2, learning-rate = 0.05, averaging.frequency = 1";
    return Recipe.read(Settings.parse(text, "recipe"));
  }

  private Dataset dataset() {
    return Dataset.open(
        LocalSpark.session(), folder.resolve("hub").toString(), hadoop(folder.resolve("results")));
  }

  /** The rows of a table as a user reads them, with nothing but Spark. */
  private List<Row> read(String table, String... order) {
    var columns = List.of(order).stream().map(org.apache.spark.sql.functions::col);
    return LocalSpark.session()
        .read()
        .parquet(folder.resolve("results").resolve(table).toString())
        .orderBy(columns.toArray(org.apache.spark.sql.Column[]::new))
        .collectAsList();
  }

  /** The rows of one evaluation without its id and the run, as text. */
  private static List<String> of(String evaluation, List<Row> rows) {
    return rows.stream()
        .filter(row -> evaluation.equals(row.getAs("evaluation")))
        .map(row -> row.mkString(" ").replaceAll("^\\S+ | \\S+$", ""))
        .toList();
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }
}
