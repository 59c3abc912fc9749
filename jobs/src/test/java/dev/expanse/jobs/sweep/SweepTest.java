package dev.expanse.jobs.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.prepare.DatasetWriter;
import dev.expanse.jobs.report.SweepFigure;
import dev.expanse.jobs.report.SweepReport;
import dev.expanse.jobs.training.TrainingTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {
  private static final String COMMON =
      """
      dataset = unused, recipe = quick, resolution = 16
      recipe-changes { batch = 8, epochs = 1 }
      latency { warm-up-seconds = 0, queries = 5, patience-seconds = 0 }
      """;
  private static final String SMALL =
      "name = small, family = inverted-residual, table = [[1, 8, 1, 2, 3]], stem = 8, head = 16";

  @TempDir private static Path folder;
  private static Dataset dataset;
  @TempDir private Path results;

  @BeforeAll
  static void prepare() {
    var images = ImageFolders.write(folder.resolve("images"), 8, 4);
    var output = new org.apache.hadoop.fs.Path(folder.resolve("dataset").toUri());
    new DatasetWriter(LocalSpark.session(), 1 << 20, 1)
        .write(new org.apache.hadoop.fs.Path(images.toUri()), output, "a test");
    dataset = Dataset.open(LocalSpark.session(), output.toString(), output);
  }

  @Test
  @DisplayName("Run again with more configurations, a sweep measures only the new ones")
  void resumes() {
    var first = sweep("{ " + SMALL + " }");
    first.run();
    var before = first.table().read().collectAsList();

    var second = sweep("{ " + SMALL + " }, { " + SMALL + ", width = [1, 2] }");
    Set<String> keys = second.run();
    var after = second.table().read().collectAsList();

    assertThat(before).hasSize(1);
    assertThat(after).hasSize(2).containsAll(before); // a width of 1 is the first one again
    assertThat(after).extracting(row -> row.<String>getAs("key")).hasSameElementsAs(keys);
    assertThat(after).extracting(row -> row.getAs("status")).containsOnly(SweepTable.OK);
    assertThat(results.resolve("checkpoints")).doesNotExist(); // neither took minutes
  }

  @Test
  @DisplayName("A row has every column, and the values are of the network it names")
  void row() {
    var sweep = sweep("{ " + SMALL + " }");
    sweep.run();

    var row = sweep.table().read().first();

    for (var column : SweepTable.SCHEMA.fieldNames()) {
      assertThat(row.<Object>getAs(column) == null)
          .as(column)
          .isEqualTo(Set.of("error", "rung", "latency_gpu").contains(column));
    }
    // stem 8 x 8 x 8 of 27, depthwise 4 x 4 x 8 of 9, project and head of 8, classifier
    long macs = 512 * 27 + 128 * 9 + 128 * 8 + 16 * 16 * 8 + 16 * 4;
    assertThat(row.<Long>getAs("macs")).isEqualTo(macs);
    assertThat(row.<Integer>getAs("classes")).isEqualTo(4);
    assertThat(row.<Long>getAs("val_images")).isEqualTo(16);
    assertThat(row.<Double>getAs("chance")).isEqualTo(0.25);
    assertThat(row.<Integer>getAs("latency_queries")).isEqualTo(5);
    assertThat(row.<Double>getAs("latency_p50_ms")).isPositive();
    var rounds = LocalSpark.session().read().parquet(results.resolve("training").toString());
    assertThat(rounds.count()).isEqualTo(1); // 32 images, batch 8: 4 steps, 1 round
  }

  @Test
  @DisplayName(
      "A configuration that cannot be built, is too large or diverges is a row that says so, and is"
          + " not measured again")
  void failures() {
    var unbuildable = SMALL.replace("small", "unbuildable").replace("1, 2, 3]", "1, 2, 4]");
    var large = SMALL.replace("small", "large").replace("8, 1, 2, 3]", "65536, 1, 2, 3]");
    var diverging = "name = diverging, base = vgg-11, width = 0.1, resolution = 32";
    var sweep =
        sweep(
            "{ %s }, { %s, head = 65536, width = 100 }, { %s }, { %s }"
                .formatted(unbuildable, large, diverging, SMALL),
            "recipe-changes { learning-rate = 20, schedule { name = constant } }",
            results);
    sweep.run();
    var rows = sweep.table().read().orderBy("network").collectAsList();

    assertThat(rows)
        .extracting(row -> row.getAs("network"), row -> row.getAs("status"))
        .containsExactly(
            tuple("diverging", "failed"),
            tuple("large", "failed"),
            tuple("small", "ok"),
            tuple("unbuildable", "failed"));
    assertThat(rows.get(0).<String>getAs("error")).startsWith("the loss is ");
    assertThat(rows.get(0).<Double>getAs("latency_p50_ms")).isPositive();
    assertThat(rows.get(1).<String>getAs("error"))
        .startsWith("large: needs about 2061840.0 GB of Java heap");
    assertThat(rows.get(1).<Long>getAs("params")).isGreaterThan(40_000_000_000_000L);
    assertThat(rows.get(1).<Double>getAs("top1")).isNull();
    assertThat(rows.get(3).<String>getAs("error")).contains("kernel");
    assertThat(rows.get(3).<Long>getAs("params")).isNull();
    assertThat(new SweepReport(rows).text())
        .contains("large failed: ", "unbuildable failed: ", "diverging failed: ");
    sweep.run();
    assertThat(sweep.table().read().collectAsList()).hasSize(4);
  }

  @Test
  @DisplayName("In a task each, configurations come to the numbers of averaging with one worker")
  void tasksAsAveraged() {
    var configurations = "{ " + SMALL + ", width = [1, 2, 3] }";
    var tasks = sweep(configurations);
    tasks.run();
    var averaged = sweep(configurations, "workers = 1", results.resolve("averaged"));
    averaged.run();

    for (var column :
        List.of("key", "network", "top1", "top5", "val_loss", "train_loss", "images_seen")) {
      assertThat(values(averaged, column)).as(column).isEqualTo(values(tasks, column));
    }
    assertThat(values(tasks, "train")).containsOnly("tasks");
    assertThat(values(averaged, "train")).containsOnly("averaged");
  }

  @Test
  @DisplayName(
      "Each seed is a row of its own, and a latency is measured once for each batch and threads")
  void seeds() {
    var latency = "latency { batches = [1, 3], threads = [1, 2] }";
    sweep("{ " + SMALL + " }", "seeds = [2, 1], " + latency, results).run();
    var sweep = sweep("{ " + SMALL + " }", "seeds = [1, 2, 3]", results);
    sweep.run();

    assertThat(values(sweep, "seed")).containsExactly(1L, 2L, 3L);
    assertThat(values(sweep, "network_hash").stream().distinct()).hasSize(1);
    assertThat(values(sweep, "key")).doesNotHaveDuplicates();
    assertThat(values(sweep, "configuration").stream().distinct()).hasSize(1);
    assertThat(values(sweep, "val_loss")).doesNotHaveDuplicates();
    var latencies = LocalSpark.session().read().parquet(results.resolve("latency").toString());
    var rows = latencies.orderBy("batch", "threads").collectAsList();
    assertThat(rows).extracting(row -> row.<Integer>getAs("batch")).containsExactly(1, 1, 3, 3);
    assertThat(rows).extracting(row -> row.<Integer>getAs("threads")).containsExactly(1, 2, 1, 2);
    for (var column : LatencyTable.SCHEMA.fieldNames()) {
      assertThat(rows.get(0).<Object>getAs(column) == null)
          .as(column)
          .isEqualTo(Set.of("error", "gpu").contains(column));
    }
    assertThat(sweep.table().read().first().<Double>getAs("latency_p50_ms"))
        .isEqualTo(rows.get(0).getAs("p50_ms"));
  }

  @Test
  @DisplayName("What is wrong with the dataset ends the sweep, and is no configuration's failure")
  void wrongDataset() throws IOException {
    var copy = folder.resolve("wrong");
    FileUtils.copyDirectory(folder.resolve("dataset").toFile(), copy.toFile());
    var json = copy.resolve("dataset.json");
    var formatOne = Files.readString(json).replace("\"format\" : 2", "\"format\" : 1");
    Files.writeString(json, formatOne.replaceAll("\\s*\"blue\",", ""));
    var wrong =
        Dataset.open(
            LocalSpark.session(), copy.toString(), new org.apache.hadoop.fs.Path(copy.toUri()));
    var spec =
        SweepSpec.read(
            Settings.parse(COMMON + "configurations = [{" + SMALL + ", width = [1, 2, 3] }]", ""));
    var path = new org.apache.hadoop.fs.Path(results.toUri());
    var sweep = new Sweep(LocalSpark.session(), spec, wrong, path);

    assertThatThrownBy(sweep::run)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("label = 3: expected one of the 3 classes, 0 to 2");
    assertThat(sweep.table().read().collectAsList()).isEmpty();
  }

  @Test
  @DisplayName("By halving, the better half is trained to the end, as if it had been alone")
  void halving() {
    var configurations = "{ " + SMALL + ", width = [1, 2, 3, 4, 5] }";
    var plain = sweep(configurations, "recipe-changes.epochs = 3", results.resolve("plain"));
    plain.run();
    var settings = "recipe-changes.epochs = 3, halving { rungs = [1, 2], keep = 0.5 }";
    var halved = sweep(configurations, settings, results);
    var keys = halved.run();

    var rows = halved.table().read().orderBy("network").collectAsList();
    assertThat(rows).extracting(row -> row.<String>getAs("key")).hasSameElementsAs(keys);
    assertThat(values(halved, "status"))
        .containsExactlyInAnyOrder("eliminated", "eliminated", "eliminated", "ok", "ok");
    assertThat(values(halved, "rung")).containsExactlyInAnyOrder(1, 1, 2, 3, 3);
    for (var row : rows) {
      long images = 32L * row.<Integer>getAs("rung");
      assertThat(row.<Long>getAs("images_seen")).isEqualTo(images);
    }
    var losses = values(plain, "val_loss");
    for (int i = 0; i < rows.size(); i++) {
      if ("ok".equals(rows.get(i).getAs("status"))) {
        assertThat(rows.get(i).<Double>getAs("val_loss")).isEqualTo(losses.get(i));
      }
    }
    var rungs = rungs();
    assertThat(rungs).hasSize(5 + 3);
    requireBetterHalf(rungs, 1, 3);
    requireBetterHalf(rungs, 2, 2);
    assertThat(results.resolve("checkpoints")).isEmptyDirectory();
  }

  @Test
  @DisplayName("A race whose end was lost ends alike, and trains nothing up to a rung again")
  void halvingResumes() throws IOException {
    var configurations = "{ " + SMALL + ", width = [1, 2, 3] }";
    var settings = "recipe-changes.epochs = 2, halving.rungs = [1]";
    var first = sweep(configurations, settings, results);
    first.run();
    var before = outcomes(first);
    FileUtils.deleteDirectory(results.resolve("sweep").toFile());

    var second = sweep(configurations, settings, results);
    second.run();

    assertThat(outcomes(second)).isEqualTo(before).hasSize(3);
    assertThat(rungs()).hasSize(3);
    var third = sweep(configurations, settings, results);
    third.run();
    assertThat(outcomes(third)).isEqualTo(before);
  }

  private static List<List<Object>> outcomes(Sweep sweep) {
    return sweep.table().read().orderBy("network").collectAsList().stream()
        .map(
            row ->
                Stream.of("network", "status", "rung", "top1", "val_loss", "images_seen")
                    .<Object>map(row::getAs)
                    .toList())
        .toList();
  }

  private List<Row> rungs() {
    return LocalSpark.session().read().parquet(results.resolve("rung").toString()).collectAsList();
  }

  /** Those at the next rung, or the end, are so many, and none of the others was better. */
  private void requireBetterHalf(List<Row> rungs, int rung, int kept) {
    var at = rungs.stream().filter(row -> row.<Integer>getAs("rung") == rung).toList();
    var out = LocalSpark.session().read().parquet(results.resolve("sweep").toString());
    var gone =
        out.where("status = 'eliminated' and rung = " + rung).collectAsList().stream()
            .map(row -> row.<String>getAs("network"))
            .toList();
    assertThat(at.size() - gone.size()).isEqualTo(kept);
    double worstKept = Double.MAX_VALUE;
    double bestGone = 0;
    for (var row : at) {
      double top1 = row.getAs("top1");
      if (gone.contains(row.<String>getAs("network"))) {
        bestGone = Math.max(bestGone, top1);
      } else {
        worstKept = Math.min(worstKept, top1);
      }
    }
    assertThat(worstKept).isGreaterThanOrEqualTo(bestGone);
  }

  @Test
  @DisplayName("The report has a line for each row, and the figure is a picture")
  void report() throws IOException {
    var sweep = sweep("{ " + SMALL + ", width = [1, 2] }");
    sweep.run();
    var rows = sweep.table().read().orderBy("macs").collectAsList();

    var text = new SweepReport(rows).text();
    var figure = results.resolve("figure.png");
    new SweepFigure(rows).write(figure);

    assertThat(text.lines().filter(line -> line.startsWith("dataset unused, recipe quick")))
        .hasSize(1);
    assertThat(text).contains("small-w1").contains("small-w2").contains("chance is 25.0%");
    assertThat(ImageIO.read(figure.toFile()).getWidth()).isEqualTo(1280);
  }

  @Test
  @DisplayName("The README documents every column of both tables")
  void documented() throws IOException {
    var readme = Files.readString(Path.of("..", "README.md"));

    for (var column : SweepTable.SCHEMA.fieldNames()) {
      assertThat(readme).contains("`" + column + "`");
    }
    for (var column : TrainingTable.SCHEMA.fieldNames()) {
      assertThat(readme).contains("`" + column + "`");
    }
  }

  private static List<Object> values(Sweep sweep, String column) {
    return sweep.table().read().orderBy("network", "seed").collectAsList().stream()
        .<Object>map(row -> row.getAs(column))
        .toList();
  }

  @Test
  @DisplayName("An engine that cannot be had here is refused before anything is measured")
  void engineMissing() {
    var engines = "latency { engines = [onednn, onnxruntime-cuda] }";

    assertThatThrownBy(() -> sweep("{ " + SMALL + " }", engines, results))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("engine = onnxruntime-cuda: ")
        .hasMessageNotContaining("\n");
  }

  private Sweep sweep(String configurations) {
    return sweep(configurations, "", results);
  }

  private static Sweep sweep(String configurations, String settings, Path folder) {
    var hocon = COMMON + settings + "\nconfigurations = [" + configurations + "]";
    var path = new org.apache.hadoop.fs.Path(folder.toUri());
    var spec = SweepSpec.read(Settings.parse(hocon, "sweep.conf"));
    return new Sweep(LocalSpark.session(), spec, dataset, path);
  }
}
