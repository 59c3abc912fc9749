package dev.expanse.bench;

/** A subject cannot do a task; the message says why in one sentence. */
final class TaskRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TaskRefusedException(String message) {
    super(message);
  }
}
