package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobsInTurnTest {
  @TempDir private Path work;
  private String network;
  private String dataset;
  private String model;

  @BeforeEach
  void describe() throws IOException {
    LocalSpark.session(); // the jobs take it instead of starting one
    var spec =
        """
        name = small, family = inverted-residual, table = [[1, 8, 1, 2, 3]], stem = 8, head = 16
        resolution = 16, classes = 4
        """;
    network = Files.writeString(work.resolve("small.conf"), spec).toString();
    dataset = work.resolve("dataset").toString();
    model = work.resolve("model").toString();
  }

  @Test
  @DisplayName("prepare, train, evaluate, latency: each takes what the one before has written")
  void inTurn() throws IOException {
    prepare();
    train();
    evaluate();
    for (var engine : List.of("stock", "onednn", "onnxruntime")) {
      time(engine);
    }
  }

  private void prepare() throws IOException {
    var images = ImageFolders.write(work.resolve("images"), 8, 4);
    Files.writeString(images.resolve("train/red/text.jpg"), "text");

    var prepared =
        run("prepare", "--input", images.toString(), "--output", dataset, "--max-bad", "0.1");

    assertThat(prepared.out())
        .contains("train: 32 images of 4 classes, shards: 1")
        .contains("left out: 1 images of 49, listed in " + dataset + "/quarantine")
        .contains("1 image: not a JPEG, PNG or GIF")
        .contains("such as train/red/text.jpg");
  }

  private void train() throws IOException {
    var recipe = work.resolve("short.conf");
    Files.writeString(
        recipe, "batch = 8, epochs = 2, learning-rate = 0.05, averaging { frequency = 1 }");
    var words = new ArrayList<>(List.of("train", "--network", network, "--dataset", dataset));
    words.addAll(List.of("--recipe", recipe.toString(), "--output", model));
    var train = words.toArray(String[]::new);

    assertThat(run(train).out()).contains("small: 4 rounds on 2 workers, 64 images");

    assertThat(table("training").count()).isEqualTo(4);
    assertThat(work.resolve("model/learning-curves.png")).isNotEmptyFile();
    assertThat(run(train).err()).contains("model: is there already").hasLineCount(1);
  }

  private void evaluate() {
    var evaluated = run("evaluate", "--model", model, "--dataset", dataset).out();

    var atTheEnd = table("evaluation").where("training is not null").first();
    assertThat(atTheEnd.<Integer>getAs("round")).isEqualTo(4);
    var row = table("evaluation").where("training is null").first();
    assertThat(row.<Double>getAs("loss")).isEqualTo(atTheEnd.<Double>getAs("loss"));
    assertThat(row.<String>getAs("model")).isEqualTo(model);
    assertThat(evaluated)
        .contains("| green |      4 |")
        .contains("small on val, 16 images: top-1")
        .contains(String.format("top-1 %.2f%%", 100 * row.<Double>getAs("top1")))
        .contains("evaluation: " + row.getAs("id"))
        .contains("tables: " + work.resolve("results/evaluation"));
    var cells = table("confusion").filter("evaluation = '" + row.getAs("id") + "'");
    assertThat(cells.selectExpr("sum(images)").first().getLong(0)).isEqualTo(16);
    long right = cells.where("label = predicted").selectExpr("sum(images)").first().getLong(0);
    assertThat(row.<Double>getAs("top1")).isEqualTo(right / 16.0);
    var recalls = table("recall").where("evaluation = '" + row.getAs("id") + "'");
    assertThat(recalls.where("class = 'red'").first().<Long>getAs("images")).isEqualTo(4);
    assertThat(run("evaluate", "--model", model).err())
        .contains("labels of 100 classes, expected the 4 classes of the network small");
  }

  private void time(String engine) {
    var words = new ArrayList<>(List.of("latency", "--network", network, "--engine", engine));
    words.addAll(List.of("--queries", "5", "--warm-up-seconds=0", "--patience-seconds=0"));

    assertThat(run(words.toArray(String[]::new)).out())
        .contains("small, 16 x 16, batch 1 on 1 thread(s), engine " + engine)
        .contains("(5 queries after 0 of warm-up, not steady)");
  }

  private CommandRun run(String... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--results", work.resolve("results").toString()));
    return CommandRun.of(all.toArray(String[]::new));
  }

  private Dataset<Row> table(String name) {
    return LocalSpark.session().read().parquet(work.resolve("results/" + name).toString());
  }
}
