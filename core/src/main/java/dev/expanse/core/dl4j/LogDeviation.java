package dev.expanse.core.dl4j;

/** Deeplearning4j's batch norms keep log10 of the standard deviation, and no variance. */
final class LogDeviation {
  private LogDeviation() {}

  static float of(double variance) {
    // a channel that never varied: the logarithm of 0 would be lost in averages, and stay for good
    return (float) (Math.log10(Math.max(variance, Float.MIN_NORMAL)) / 2);
  }

  static double variance(float logDeviation) {
    return Math.pow(10, 2.0 * logDeviation);
  }
}
