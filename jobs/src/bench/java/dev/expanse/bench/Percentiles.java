package dev.expanse.bench;

import java.util.List;

/**
 * How times are spread, each by the nearest rank: the smallest time that so many percent do not
 * exceed.
 */
record Percentiles(double p10, double median, double p90) {

  /**
   * Those of {@code values}.
   *
   * @throws IllegalArgumentException if there are none
   */
  static Percentiles of(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("Cannot take percentiles of no values");
    }
    var sorted = values.stream().sorted().toList();
    return new Percentiles(rank(sorted, 10), rank(sorted, 50), rank(sorted, 90));
  }

  private static double rank(List<Double> sorted, int percent) {
    return sorted.get((int) (((long) sorted.size() * percent + 99) / 100) - 1);
  }
}
