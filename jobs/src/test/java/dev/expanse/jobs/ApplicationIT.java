package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application jar, submitted to a Spark that has nothing of ours on its class path. */
class ApplicationIT {
  private static final Path JAR = Path.of("target", "expanse.jar");
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
    try (var jar = new JarFile(JAR.toFile())) {
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
      assertThat(Files.size(JAR)).isLessThan(149_000_000);
    }
  }

  @Test
  @DisplayName("Killed half way and started again, a sweep measures only what was missing")
  void killed(@TempDir Path work) throws Exception {
    var sweep = Files.writeString(work.resolve("sweep.conf"), SWEEP);
    var results = work.resolve("results");

    var first = submit(work.resolve("first.log"), sweep, results);
    await(first, work.resolve("first.log"), () -> files(results) == 1);
    first.destroyForcibly().waitFor(); // kill -9
    var kept = rows(results);
    var second = submit(work.resolve("second.log"), sweep, results);

    assertThat(second.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(second.exitValue()).as(Files.readString(work.resolve("second.log"))).isZero();
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

  private static Process submit(Path log, Path sweep, Path results) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    command.addAll(List.of("-cp", sparkClassPath(), "org.apache.spark.deploy.SparkSubmit"));
    command.addAll(List.of("--master", "local[2]", "--class", Expanse.class.getName()));
    command.addAll(List.of("--conf", "spark.ui.enabled=false"));
    command.addAll(List.of("--conf", "spark.driver.host=127.0.0.1", JAR.toString()));
    command.addAll(List.of("sweep", sweep.toString(), "--results", results.toString()));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder.redirectOutput(log.toFile()).start();
  }

  /** The tests' class path without the application's own libraries. */
  private static String sparkClassPath() {
    var separator = System.getProperty("path.separator");
    return Arrays.stream(System.getProperty("java.class.path").split(separator))
        .filter(entry -> entry.endsWith(".jar"))
        .filter(entry -> !entry.matches(".*/(dev/expanse|org/(deeplearning4j|nd4j|bytedeco))/.*"))
        .filter(entry -> !entry.matches(".*/(picocli|config|xchart|imageio-|ascii-table).*"))
        .filter(entry -> !entry.contains("expanse"))
        .collect(Collectors.joining(separator));
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

  private static void await(Process process, Path log, Callable<Boolean> condition)
      throws Exception {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(4);
    while (!condition.call()) {
      assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
      assertThat(System.nanoTime()).as("the first row is there in time").isLessThan(end);
      Thread.sleep(200);
    }
  }
}
