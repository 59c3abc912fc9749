package dev.expanse.core.config;

import java.util.Locale;
import java.util.Optional;

/**
 * What a user gave cannot be used: one sentence that names where, the key, the value and what was
 * expected. The command line prints that sentence alone and exits with status 2.
 */
public final class InvalidInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** {@code message} is the whole sentence a user reads. */
  public InvalidInputException(String message) {
    super(message);
  }

  /** As above, with the {@code cause} kept for a debugger; a user doesn't see it. */
  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The user's mistake behind {@code e}, as Spark wraps it, if there is one. */
  public static Optional<InvalidInputException> causeOf(Throwable e) {
    for (var cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidInputException invalid) {
        return Optional.of(invalid);
      }
    }
    return Optional.empty();
  }

  /** The sentence made by {@link String#format}, with a decimal point in every locale. */
  public static InvalidInputException of(String format, Object... values) {
    return new InvalidInputException(String.format(Locale.ROOT, format, values));
  }
}
