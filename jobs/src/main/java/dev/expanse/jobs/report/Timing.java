package dev.expanse.jobs.report;

import java.util.Comparator;

/**
 * A way in which latency was measured.
 *
 * @param engine what computed
 * @param batch images a query
 * @param threads threads of a query
 */
public record Timing(String engine, int batch, int threads) implements Comparable<Timing> {
  private static final Comparator<Timing> ORDER =
      Comparator.comparingInt(Timing::batch)
          .thenComparingInt(Timing::threads)
          .thenComparing(Timing::engine);

  /**
   * Latencies of a query, in milliseconds; NaN where they are unknown.
   *
   * @param p50 the median
   * @param p90 the 90th percentile
   */
  public record Latency(double p50, double p90) {}

  @Override
  public int compareTo(Timing other) {
    return ORDER.compare(this, other);
  }

  /** For people. */
  @Override
  public String toString() {
    return "%s, batch %d, %d thread%s".formatted(engine, batch, threads, threads == 1 ? "" : "s");
  }
}
