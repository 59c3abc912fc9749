package dev.expanse.jobs.sweep;

import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.InferenceEngine;
import dev.expanse.core.latency.Latency;
import dev.expanse.core.latency.Processor;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Weights;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import dev.expanse.jobs.progress.Progress;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
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
  public Measured run(
      JavaSparkContext spark, NetworkSpec spec, Weights weights, InferenceEngine engine) {
    var sent = spark.broadcast(weights);
    var hocon = spec.toHocon();
    spark.setJobDescription(spec.name() + ", latency");
    try {
      return spark
          .parallelize(List.of(hocon), 1)
          .map(network -> measure(network, sent.value(), engine))
          .first();
    } finally {
      spark.setJobDescription(null);
      sent.destroy();
    }
  }

  private Measured measure(String hocon, Weights weights, InferenceEngine engine) {
    engine.useThreads(threads);
    var network = NetworkSpec.read(Settings.parse(hocon, "network")).network();
    var image = network.input().shape();
    var progress = new Progress();
    try (var images =
            Nd4j.rand(DataType.FLOAT, batch, image.height(), image.width(), image.channels());
        var classifier = engine.classifier(network, weights, batch, threads, Choice.FASTEST)) {
      var query = classifier.query(images);
      var latency =
          Latency.measure(
              () -> query.get().getFloat(0),
              warmUp,
              queries,
              share ->
                  progress.at(
                      share, () -> "latency: %.0f%% of the queries".formatted(100 * share)));
      return new Measured(latency, Processor.name());
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
