package dev.expanse.jobs.sweep;

import dev.expanse.core.config.InvalidInputException;

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
    var cause = rootCause(e);
    var message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    var line = message.lines().findFirst().orElse(cause.toString());
    return cause instanceof OutOfMemoryError ? "out of memory: " + line : line;
  }

  /** Whether it is for want of memory. */
  static boolean isOutOfMemory(Throwable e) {
    return rootCause(e) instanceof OutOfMemoryError;
  }

  private static Throwable rootCause(Throwable e) {
    return e.getCause() == null ? e : rootCause(e.getCause());
  }
}
