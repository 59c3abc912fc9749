package dev.expanse.core.latency;

import java.io.Serializable;
import java.util.Arrays;

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
    implements Serializable {

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

  /** Images a second, of queries of {@code batch} images, one after another. */
  public double imagesPerSecond(int batch) {
    return 1e3 * batch / meanMs;
  }

  /** The nearest rank: the smallest time that {@code percent} of all do not exceed. */
  private static double percentile(double[] sorted, int percent) {
    return sorted[(int) (((long) sorted.length * percent + 99) / 100) - 1];
  }
}
