package dev.expanse.jobs.sweep;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.compute.MemoryShortageException;
import org.apache.spark.api.java.JavaSparkContext;

/** Why something could not be measured, in one line. */
final class Failure {
  private Failure() {}

  /**
   * The reason that a row gives.
   *
   * @throws InvalidInputException if the user's data or settings are the cause: that is no
   *     configuration's failure
   */
  static String reason(Throwable e) {
    InvalidInputException.causeOf(e)
        .ifPresent(
            invalid -> {
              throw invalid;
            });
    return MemoryShortageException.causeOf(e).orElseGet(() -> line(rootCause(e)));
  }

  /**
   * Requires that Spark goes on: what failed because it was stopped, by a signal or with its
   * cluster, has not failed by itself, and no row must say so.
   *
   * @throws IllegalStateException if it has ended
   */
  static void requireRunning(JavaSparkContext spark, Throwable e) {
    if (spark.sc().isStopped()) {
      throw new IllegalStateException("Spark has ended", e);
    }
  }

  private static String line(Throwable cause) {
    var message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return message.lines().findFirst().orElse(cause.toString());
  }

  /** Whether it is for want of memory. */
  static boolean isOutOfMemory(Throwable e) {
    return MemoryShortageException.causeOf(e).isPresent();
  }

  private static Throwable rootCause(Throwable e) {
    return e.getCause() == null ? e : rootCause(e.getCause());
  }
}
