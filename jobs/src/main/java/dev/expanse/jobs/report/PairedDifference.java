package dev.expanse.jobs.report;

import java.util.Optional;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;

/**
 * By how much a network's top-1 differs from a baseline's. Both were trained with the same seeds
 * and judged by the same images, so that each seed gives one difference; what one seed has in
 * common for both networks is not in their spread. Nor is the chance by which these images were the
 * ones to judge by.
 *
 * @param seeds that both were trained with, at least two
 * @param mean of the differences, as a share of the images, -1 to 1
 * @param margin half the width of the mean's interval of 95% confidence, by Student's t
 */
public record PairedDifference(int seeds, double mean, double margin) {
  private static final double CONFIDENCE = 0.95;

  /** Equal differences have a margin of no more. */
  private static final double ROUNDING = 1e-9;

  /**
   * The difference of two networks' accuracies; empty if they have less than two seeds in common.
   */
  public static Optional<PairedDifference> of(
      Configuration.Accuracy one, Configuration.Accuracy baseline) {
    var differences = new SummaryStatistics();
    one.top1BySeed()
        .forEach(
            (seed, top1) ->
                Optional.ofNullable(baseline.top1BySeed().get(seed))
                    .ifPresent(its -> differences.addValue(top1 - its)));
    int seeds = (int) differences.getN();
    if (seeds < 2) {
      return Optional.empty();
    }
    double quantile =
        new TDistribution(null, seeds - 1).inverseCumulativeProbability((1 + CONFIDENCE) / 2);
    double margin = quantile * differences.getStandardDeviation() / Math.sqrt(seeds);
    return Optional.of(new PairedDifference(seeds, differences.getMean(), margin));
  }

  /** True if the interval is on one side of zero; without any spread there is none. */
  public boolean excludesZero() {
    return margin > ROUNDING && Math.abs(mean) > margin;
  }
}
