package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.jobs.prepare.DatasetWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResumeRefusalTest {
  private static final String NETWORK =
      "name = small, family = inverted-residual, table = [[1, 8, 1, 2, 3]], stem = 8, head = 16,"
          + " resolution = 16";
  private static final String RECIPE =
      "batch = 8, epochs = 1, learning-rate = 0.05, averaging { frequency = 1 }";

  @TempDir private static Path work;

  @BeforeAll
  static void train() throws IOException {
    var images = ImageFolders.write(work.resolve("images"), 8, 4);
    var dataset = new org.apache.hadoop.fs.Path(work.resolve("dataset").toUri());
    new DatasetWriter(LocalSpark.session(), 1 << 20, 1)
        .write(new org.apache.hadoop.fs.Path(images.toUri()), dataset, "a test");
    HubFolders.write(images, work.resolve("hub"), 1);
    Files.writeString(work.resolve("small.conf"), NETWORK);
    Files.writeString(work.resolve("other.conf"), NETWORK.replace("[1, 8, 1", "[2, 8, 1"));
    Files.writeString(work.resolve("short.conf"), RECIPE);
    Files.writeString(
        work.resolve("changed.conf"), RECIPE.replace("frequency = 1", "frequency = 1, ema = 0.9"));
    assertThat(resume("--output W/undisturbed").status()).isZero();
    copyCheckpoints("model"); // as if it had been killed after the last round
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "--recipe W/changed.conf | recipe: averaging.ema = 0.0, not 0.9",
        "--resolution 24 | network: resolution = 16, not 24",
        "--network W/other.conf | network: table = [[1,8,1,2,3]], not [[2,8,1,2,3]]",
        "--dataset W/hub | dataset fingerprint = ",
        "--seed 2 | seed = 1, not 2",
        "--workers 1 | workers = 2, not 1",
        "--threads 2 | threads = 1, not 2",
        "--engine stock | engine = onednn, not stock",
      })
  @DisplayName(
      "A training resumed as another is refused with one sentence that names the difference")
  void refused(String option, String difference) {
    var outcome = resume(option);

    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.err())
        .startsWith("expanse: output = " + work.resolve("model") + ": was begun with ")
        .contains(difference)
        .endsWith(": expected the same to go on\n")
        .hasLineCount(1);
    assertThat(work.resolve("model/model.zip")).doesNotExist();
  }

  @Test
  @DisplayName(
      "A training that has made its last round is resumed to its model, and then left alone")
  void finished() throws IOException {
    copyCheckpoints("finished");
    var finished = new TrainedModel(work.resolve("finished"));

    assertThat(resume("--output W/finished").out()).contains("model: " + finished.folder());
    finished.requireEqualTo(new TrainedModel(work.resolve("undisturbed")));
    assertThat(resume("--output W/finished").out()).contains(", which is finished");
    assertThat(resume("--output W/finished --seed 2").status()).isEqualTo(2);
  }

  @Test
  @DisplayName(
      "A training that was killed before its end was evaluated and drawn is so when resumed")
  void evaluatedAgain() throws IOException {
    copyCheckpoints("killed");
    FileUtils.deleteDirectory(work.resolve("results/evaluation").toFile());

    assertThat(resume("--output W/killed").out())
        .contains("small: had made its rounds before, top-1 ");
    assertThat(evaluations()).isEqualTo(1);
    Files.delete(work.resolve("killed/learning-curves.png"));
    assertThat(resume("--output W/killed").out()).contains("had made its rounds before, top-1 ");
    assertThat(evaluations()).isEqualTo(1);
    assertThat(work.resolve("killed/learning-curves.png")).isNotEmptyFile();

    FileUtils.deleteDirectory(work.resolve("killed/checkpoints").toFile());
    Files.delete(work.resolve("killed/learning-curves.png"));
    assertThat(resume("--output W/killed").out()).contains(", which is finished");
  }

  private static long evaluations() {
    return LocalSpark.session()
        .read()
        .parquet(work.resolve("results/evaluation").toString())
        .where("training is not null and round is not null")
        .count();
  }

  private static void copyCheckpoints(String model) throws IOException {
    var copies = Files.createDirectories(work.resolve(model).resolve("checkpoints"));
    try (var files = Files.list(work.resolve("undisturbed/checkpoints"))) {
      for (var file : files.toList()) {
        Files.copy(file, copies.resolve(file.getFileName()));
      }
    }
  }

  /** Resumes the training with some options, each in place of what it has been begun with. */
  private static CommandRun resume(String options) {
    var words = new ArrayList<>(List.of("train", "--resume"));
    words.addAll(List.of("--results", work.resolve("results").toString()));
    var usual =
        "--network W/small.conf --dataset W/dataset --recipe W/short.conf --seed 1 --workers 2"
            + " --threads 1 --engine onednn --output W/model";
    for (var option : usual.split(" --")) {
      var key = "--" + option.replaceFirst("^--", "").split(" ")[0];
      if (!(" " + options).contains(" " + key + " ")) {
        words.addAll(List.of(key, option.substring(option.indexOf(' ') + 1)));
      }
    }
    if (!options.isEmpty()) {
      words.addAll(List.of(options.split(" ")));
    }
    words.replaceAll(word -> word.replaceFirst("^W/", work + "/"));
    return CommandRun.of(words.toArray(String[]::new));
  }
}
