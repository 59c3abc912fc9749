package dev.expanse.core.config;

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

  /** The sentence made by {@link String#format}. */
  public static InvalidInputException of(String format, Object... values) {
    return new InvalidInputException(String.format(format, values));
  }
}
