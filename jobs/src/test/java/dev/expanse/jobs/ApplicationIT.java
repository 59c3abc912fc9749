package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application jar, submitted to a Spark that has nothing of ours on its class path. */
class ApplicationIT {
  private static final String SWEEP =
      """
      dataset = sample, recipe = quick, resolution = 16
      recipe-changes { batch = 64, epochs = 3 }
      latency { warm-up = 1, queries = 5 }
      configurations = [{
        name = small, family = inverted-residual, table = [[1, 8, 1, 2, 3]], stem = 8, head = 16
        width = [1, 2, 3]
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
  @DisplayName("Killed half way and started again, a sweep measures only what was missing")
  void killed(@TempDir Path work) throws Exception {
    var sweep = Files.writeString(work.resolve("sweep.conf"), SWEEP);
    var results = work.resolve("results");

    List<Row> kept;
    try (var first = SubmittedApplication.local(work.resolve("first.log"), job(sweep, results))) {
      first.await("the first row", () -> files(results) == 1);
      first.kill();
      kept = rows(results);
    }
    try (var second = SubmittedApplication.local(work.resolve("second.log"), job(sweep, results))) {
      second.awaitSuccess();
    }

    var all = rows(results);
    assertThat(kept).hasSizeBetween(1, 2); // the second may have been finished just before the end
    assertThat(all).hasSize(3).containsAll(kept);
    assertThat(all).extracting(row -> row.getAs("key")).doesNotHaveDuplicates();
    assertThat(all).extracting(row -> row.getAs("status")).containsOnly("ok");
    assertThat(Files.readString(work.resolve("second.log")))
        .contains("%d of 3 configurations to measure".formatted(3 - kept.size()))
        .contains("small-w1")
        .contains("small-w3");
    assertThat(results.resolve("sweep.png")).isNotEmptyFile();
  }

  private static List<String> job(Path sweep, Path results) {
    return List.of("sweep", sweep.toString(), "--results", results.toString());
  }

  private static List<Row> rows(Path results) {
    var table = results.resolve("sweep").toString();
    return LocalSpark.session().read().parquet(table).collectAsList();
  }

  /** How many rows are there, without waking Spark: each is a file. */
  private static long files(Path results) {
    try (var files = Files.find(results.resolve("sweep"), 2, (path, a) -> isRow(path))) {
      return files.count();
    } catch (IOException | UncheckedIOException e) {
      return 0; // not there yet, or a temporary file went while we looked: ask again
    }
  }

  private static boolean isRow(Path path) {
    return path.getFileName().toString().matches("part-.*parquet");
  }
}
