package dev.expanse.core.latency;

import java.util.Arrays;
import java.util.function.DoubleConsumer;

/**
 * How long a network takes to answer, as measured over many queries, one after another.
 *
 * @param queries how many were counted
 * @param meanMs mean, in milliseconds
 * @param deviationMs standard deviation, in milliseconds
 * @param p50Ms median, in milliseconds
 * @param p90Ms 90th percentile, in milliseconds
 * @param p99Ms 99th percentile, in milliseconds
 */
public record Latency(
    int queries, double meanMs, double deviationMs, double p50Ms, double p90Ms, double p99Ms)
    implements java.io.Serializable {

  /**
   * Measures {@code query}: as MLPerf's single-stream scenario, the next one starts when one is
   * answered (Reddi et al., "MLPerf Inference Benchmark", 2020, section III.C).
   *
   * @param warmUp queries before those that are counted
   * @param queries queries that are counted
   * @param watcher told after each query, outside the measured time, which share of all is done
   * @throws IllegalArgumentException if {@code queries} is below 1 or {@code warmUp} below 0
   */
  public static Latency measure(Runnable query, int warmUp, int queries, DoubleConsumer watcher) {
    if (queries < 1 || warmUp < 0) {
      throw new IllegalArgumentException(
          "Cannot measure " + queries + " queries after " + warmUp + " of warm-up");
    }
    for (int i = 0; i < warmUp; i++) {
      query.run();
      watcher.accept((i + 1.0) / (warmUp + queries));
    }
    var milliseconds = new double[queries];
    for (int i = 0; i < queries; i++) {
      long start = System.nanoTime();
      query.run();
      milliseconds[i] = (System.nanoTime() - start) / 1e6;
      watcher.accept((warmUp + i + 1.0) / (warmUp + queries));
    }
    return of(milliseconds);
  }

  /** The summary of measured times, in milliseconds. */
  static Latency of(double[] milliseconds) {
    var sorted = milliseconds.clone();
    Arrays.sort(sorted);
    double mean = Arrays.stream(sorted).average().orElseThrow();
    double variance =
        Arrays.stream(sorted).map(t -> (t - mean) * (t - mean)).average().orElseThrow();
    return new Latency(
        sorted.length,
        mean,
        Math.sqrt(variance),
        percentile(sorted, 50),
        percentile(sorted, 90),
        percentile(sorted, 99));
  }

  /** The nearest rank: the smallest time that {@code percent} of all do not exceed. */
  private static double percentile(double[] sorted, int percent) {
    return sorted[(int) (((long) sorted.length * percent + 99) / 100) - 1];
  }
}
