package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.jar.JarFile;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The application jar, submitted to a Spark that has nothing of ours on its class path. */
class ApplicationIT {
  /** {@code -Dexpanse.kills=20} makes it a longer test. */
  private static final int KILLS = Integer.getInteger("expanse.kills", 1);

  /** About as long as a sweep takes, once it has begun. */
  private static final long MOST_MILLIS = 8_000;

  private static final String SWEEP =
      """
      dataset = sample, recipe = quick, resolution = 16
      recipe-changes { batch = 64, epochs = 3 }
      checkpoint-seconds = 0
      latency { warm-up-seconds = 0, queries = 5, patience-seconds = 0 }
      configurations = [{
        name = small, family = inverted-residual, table = [[1, 8, 1, 2, 3]], stem = 8, head = 16
        width = [1, 2, 3, 4]
      }]
      """;

  @Test
  @DisplayName("The jar has neither Spark nor Hadoop nor Scala, no signatures, and merged services")
  void content() throws IOException {
    try (var jar = new JarFile(SubmittedApplication.JAR.toFile())) {
      var names = jar.stream().map(entry -> entry.getName()).toList();

      assertThat(names)
          .noneMatch(
              name ->
                  name.matches("(org/apache/(spark/(?!TaskContextHelper)|hadoop/)|scala/).*class"));
      assertThat(names).noneMatch(name -> name.matches("META-INF/.*\\.(SF|DSA|RSA)"));
      assertThat(names).noneMatch(name -> name.matches(".*(ffmpeg|opencv|fastutil).*"));
      assertThat(names).contains("META-INF/services/org.nd4j.linalg.factory.Nd4jBackend");
      assertThat(names).anyMatch(name -> name.endsWith("libnd4jcpu.so"));
      assertThat(names).anyMatch(name -> name.endsWith("libdnnl.so.2"));
      assertThat(names).contains("onnx/Onnx$ModelProto.class");
      assertThat(names).noneMatch(name -> name.startsWith("ai/onnxruntime/"));
      assertThat(Files.size(SubmittedApplication.JAR)).isLessThan(149_000_000);
    }
  }

  @Test
  @DisplayName("Without ONNX Runtime a network is exported all the same, but not compared")
  void withoutOnnxRuntime(@TempDir Path work) throws Exception {
    var file = work.resolve("ecnn.onnx");
    var export =
        List.of("export", "--network", "ecnn", "--resolution", "32", "--output", file.toString());

    try (var application = SubmittedApplication.local(work.resolve("export.log"), export)) {
      application.awaitSuccess();
    }

    assertThat(Files.readString(work.resolve("export.log")))
        .contains("ecnn, 32 x 32, 1000 classes")
        .contains("is not compared with Expanse: ONNX Runtime is not on the class path");
    assertThat(file).isNotEmptyFile();
  }

  @Test
  @DisplayName(
      "Deeplearning4j's own layers have all they need in the jar, where maps are joined too")
  void stockLayers(@TempDir Path work) throws Exception {
    var log = work.resolve("latency.log");
    var latency =
        ("latency --network shufflenet-v2-0.5 --resolution 32 --engine stock --queries 2"
                + " --warm-up-seconds 0 --patience-seconds 0 --results")
            .split(" ");
    var job = new ArrayList<>(List.of(latency));
    job.add(work.resolve("results").toString());

    try (var application = SubmittedApplication.local(log, job)) {
      application.awaitSuccess();
    }

    assertThat(Files.readString(log)).contains("images/s (2 queries after ");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"train = averaged", "halving { rungs = [1, 2] }"})
  @DisplayName("Ended at any moment and started again, a sweep repeats only what was in flight")
  void killed(String settings, @TempDir Path work) throws Exception {
    var sweep = Files.writeString(work.resolve("sweep.conf"), SWEEP + settings);
    var results = work.resolve("results");
    var random = new Random(7);
    List<Row> kept = List.of();
    for (int kills = 0; kills <= KILLS; kills++) {
      var log = work.resolve("process-" + kills + ".log");
      try (var application = SubmittedApplication.local(log, job(sweep, results))) {
        application.await(
            "the sweep", () -> application.log().contains("configurations to measure on "));
        assertThat(application.log())
            .contains("%d of 4 configurations to measure".formatted(4 - kept.size()));
        boolean last = kills == KILLS;
        if (!last && !application.endsWithin(random.nextLong(MOST_MILLIS))) {
          end(application, settings.contains("halving") ? kills + 1 : kills);
        } else {
          application.awaitSuccess();
        }
      }
      var rows = rows(results, "sweep");
      assertThat(rows).containsAll(kept);
      kept = rows;
      for (var table : List.of("sweep", "latency", "rung")) {
        assertThat(rows(results, table))
            .extracting(row -> row.getAs("key"))
            .doesNotHaveDuplicates();
      }
    }

    assertThat(kept).hasSize(4);
    assertThat(kept)
        .extracting(row -> row.<String>getAs("status"))
        .filteredOn("ok"::equals)
        .hasSize(settings.contains("halving") ? 1 : 4);
    assertThat(rows(results, "rung")).hasSize(settings.contains("halving") ? 4 + 2 : 0);
    assertThat(rows(results, "latency"))
        .hasSize(4)
        .allMatch(row -> row.getAs("status").equals("ok"));
    assertThat(Files.readString(work.resolve("process-" + KILLS + ".log")))
        .contains("small-w1")
        .contains("small-w4");
    assertThat(results.resolve("sweep.png")).isNotEmptyFile();
  }

  /** By turns as a user ends it and as a machine that fails does. */
  private static void end(SubmittedApplication application, int turn) {
    if (turn % 2 == 0) {
      application.terminate();
      assertThat(application.log())
          .doesNotContain("at dev.expanse.jobs.Expanse."); // Spark logs its own
    } else {
      application.kill();
    }
  }

  private static List<String> job(Path sweep, Path results) {
    return List.of("sweep", sweep.toString(), "--results", results.toString());
  }

  private static List<Row> rows(Path results, String table) {
    var folder = results.resolve(table);
    return hasRows(folder)
        ? LocalSpark.session().read().parquet(folder.toString()).collectAsList()
        : List.of();
  }

  /** A process that was killed may have left a table without a row, which Spark does not read. */
  private static boolean hasRows(Path folder) {
    try (var files = Files.find(folder, 2, (path, a) -> isRow(path))) {
      return files.findAny().isPresent();
    } catch (IOException e) {
      return false; // there is no table yet
    }
  }

  private static boolean isRow(Path path) {
    return path.getFileName().toString().matches("part-.*parquet");
  }
}
