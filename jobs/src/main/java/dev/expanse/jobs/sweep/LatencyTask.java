package dev.expanse.jobs.sweep;

import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.NativeThreads;
import dev.expanse.core.latency.Latency;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.progress.Progress;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Measures latency in one Spark task, while the application runs no other.
 *
 * @param batch images a query
 * @param threads threads of a query
 * @param warmUp queries before those that are counted
 * @param queries queries that are counted
 */
public record LatencyTask(int batch, int threads, int warmUp, int queries) implements Serializable {
  /** The engine that is measured: Deeplearning4j's own layers. */
  public static final String ENGINE = "stock";

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** Reads {@code batch}, {@code threads}, {@code warm-up} and {@code queries}. */
  public static LatencyTask read(Settings settings) {
    settings.onlyKeys("batch", "threads", "warm-up", "queries");
    return new LatencyTask(
        settings.integer("batch", 1, 65_536, 1),
        settings.integer("threads", 1, 1024, 1),
        settings.integer("warm-up", 0, 1_000_000, 20),
        settings.integer("queries", 1, 100_000_000, 200));
  }

  /** What was measured, and on which processor. */
  public record Measured(Latency latency, String cpu) implements Serializable {}

  /** Measures a network's queries: a batch of images in, probabilities out. */
  public Measured run(JavaSparkContext spark, ComputationGraph graph, NetworkSpec spec) {
    var configuration = graph.getConfiguration().toJson();
    var parameters = spark.broadcast(graph.params().toFloatVector());
    int side = spec.resolution();
    spark.setJobDescription(spec.name() + ", latency");
    try {
      return spark
          .parallelize(List.of(configuration), 1)
          .map(json -> measure(json, parameters.value(), side))
          .first();
    } finally {
      spark.setJobDescription(null);
      parameters.destroy();
    }
  }

  private Measured measure(String configuration, float[] parameters, int side) {
    NativeThreads.use(threads);
    var graph = new ComputationGraph(ComputationGraphConfiguration.fromJson(configuration));
    graph.init(Nd4j.create(parameters, new int[] {1, parameters.length}), false);
    var images = Nd4j.rand(DataType.FLOAT, batch, side, side, 3);
    var progress = new Progress();
    var latency =
        Latency.measure(
            () -> graph.output(images)[0].getFloat(0),
            warmUp,
            queries,
            share ->
                progress.at(share, () -> "latency: %.0f%% of the queries".formatted(100 * share)));
    graph.close();
    return new Measured(latency, cpu());
  }

  /** The processor's name where the system tells it (Linux), else its architecture. */
  private static String cpu() {
    try (var lines = Files.lines(CPU_INFO)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch"); // not Linux
    }
  }

  /** The settings as one text, part of a row's key. */
  String toHocon() {
    return String.format(
        Locale.ROOT,
        "batch = %d, threads = %d, warm-up = %d, queries = %d",
        batch,
        threads,
        warmUp,
        queries);
  }
}
