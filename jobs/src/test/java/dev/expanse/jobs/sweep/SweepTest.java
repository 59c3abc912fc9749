package dev.expanse.jobs.sweep;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {
  private static final String COMMON =
      """
      dataset = unused, recipe = quick, resolution = 16
      recipe-changes { batch = 8, epochs = 1 }
      latency { warm-up = 1, queries = 5 }
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
  }

  @Test
  @DisplayName("A row has every column, and the values are of the network it names")
  void row() {
    var sweep = sweep("{ " + SMALL + " }");
    sweep.run();

    var row = sweep.table().read().first();

    for (var column : SweepTable.SCHEMA.fieldNames()) {
      assertThat(row.<Object>getAs(column) == null).as(column).isEqualTo(column.equals("error"));
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
    assertThat(rounds.count()).isEqualTo(1); // 32 images, 2 workers, batch 8: 2 steps, 1 round
  }

  @Test
  @DisplayName("A configuration that fails is a row with its error, and is not measured again")
  void failure() {
    var large = SMALL.replace("small", "large").replace("8, 1, 2, 3]", "65536, 1, 2, 3]");
    var sweep = sweep("{ " + large + ", head = 65536, width = 100 }, { " + SMALL + " }");
    sweep.run();
    var rows = sweep.table().read().orderBy("macs").collectAsList();

    assertThat(rows).extracting(row -> row.getAs("network")).containsExactly("small", "large");
    assertThat(rows).extracting(row -> row.getAs("status")).containsExactly("ok", "failed");
    assertThat(rows.get(1).<String>getAs("error")).startsWith("large: needs at least 515459.6 GB");
    assertThat(rows.get(1).<Long>getAs("params")).isGreaterThan(40_000_000_000_000L);
    assertThat(rows.get(1).<Double>getAs("top1")).isNull();
    assertThat(new SweepReport(rows).text()).contains("large failed: ");
    sweep.run();
    assertThat(sweep.table().read().collectAsList()).hasSize(2);
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

  private Sweep sweep(String configurations) {
    var hocon = COMMON + "configurations = [" + configurations + "]";
    var path = new org.apache.hadoop.fs.Path(results.toUri());
    var spec = SweepSpec.read(Settings.parse(hocon, "sweep.conf"));
    return new Sweep(LocalSpark.session(), spec, dataset, path);
  }
}
