package dev.expanse.bench;

/** The process of a subject ended before its time; the message says which, and its last words. */
final class SubjectFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SubjectFailedException(String message) {
    super(message);
  }
}
