package dev.expanse.jobs.report;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/** Whether one number orders things as another does. */
public final class RankCorrelation {
  /** So few pairs have a correlation of 1 or -1, whatever they are. */
  private static final int LEAST = 3;

  private RankCorrelation() {}

  /**
   * Spearman's rank correlation, -1 to 1, of the pairs of which both are numbers; equal values have
   * the mean of their ranks. (Spearman, The Proof and Measurement of Association between Two
   * Things, 1904.)
   *
   * @return nothing for fewer than three pairs, or if all values of a side are equal
   */
  public static <T> OptionalDouble spearman(
      List<T> things, ToDoubleFunction<T> x, ToDoubleFunction<T> y) {
    var pairs =
        things.stream()
            .map(thing -> new double[] {x.applyAsDouble(thing), y.applyAsDouble(thing)})
            .filter(pair -> !Double.isNaN(pair[0]) && !Double.isNaN(pair[1]))
            .toList();
    if (pairs.size() < LEAST) {
      return OptionalDouble.empty();
    }
    var xs = pairs.stream().mapToDouble(pair -> pair[0]).toArray();
    var ys = pairs.stream().mapToDouble(pair -> pair[1]).toArray();
    double correlation = new SpearmansCorrelation().correlation(xs, ys);
    return Double.isNaN(correlation) ? OptionalDouble.empty() : OptionalDouble.of(correlation);
  }
}
