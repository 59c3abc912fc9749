package dev.expanse.bench;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * A Spark driver in a process of its own, which starts the workers' processes ({@link
 * AveragingMain}), and a folder for what they write.
 */
final class AveragingCluster implements AutoCloseable {
  private final Path home;
  private final SubjectProcess driver;

  private AveragingCluster(Path home, SubjectProcess driver) {
    this.home = home;
    this.driver = driver;
  }

  /** Starts all of it. */
  static AveragingCluster start(AveragingWorkload workload) {
    System.err.println("Starting a driver and " + AveragingWorkload.WORKERS + " workers");
    Path home = null;
    try {
      home = Files.createTempDirectory("expanse-bench-spark");
      Files.createDirectory(home.resolve("jars")); // what Spark knows its home by
      var command =
          SubjectProcess.command(
              AveragingMain.class,
              List.of(JavaModuleOptions.defaultModuleOptions().split(" ")),
              workload.arguments());
      var environment =
          Map.of(
              "SPARK_HOME", home.toString(),
              "SPARK_SCALA_VERSION", scalaVersion(),
              "SPARK_LOCAL_IP", "127.0.0.1",
              "SPARK_LOCAL_DIRS", home.toString(),
              "OMP_NUM_THREADS", String.valueOf(workload.threads()));
      return new AveragingCluster(
          home, SubjectProcess.start(AveragingWorkload.BENCHMARK, command, environment));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      delete(home);
      throw e;
    }
  }

  private static String scalaVersion() {
    var version = scala.util.Properties.versionNumberString();
    return version.substring(0, version.lastIndexOf('.'));
  }

  /** What single operations cost. */
  AveragingCosts costs() {
    return AveragingCosts.parse(driver.ask(AveragingMain.COSTS));
  }

  /** Makes a round. */
  AveragedRound round(AveragingKind kind, String network, int steps) {
    return AveragedRound.parse(
        driver.ask(
            String.join(" ", List.of(AveragingMain.ROUND, kind.toString(), network, "" + steps))));
  }

  /** Ends the workers in good order. */
  void stop() {
    driver.ask(AveragingMain.STOP);
  }

  /** Ends the driver; workers end when they miss it. */
  @Override
  public void close() {
    driver.close();
    delete(home);
  }

  private static void delete(Path folder) {
    try (var files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
