package dev.expanse.core.bench;

import java.util.Locale;

/**
 * One of the things that are timed.
 *
 * @param batch images at once
 */
record Task(What what, int batch) {

  /** Whether weights change. */
  enum What {
    /** One step: forward, backward, and the update of the weights. */
    TRAIN,
    /** Forward, on the running statistics. */
    INFER;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Task train(int batch) {
    return new Task(What.TRAIN, batch);
  }

  static Task infer(int batch) {
    return new Task(What.INFER, batch);
  }

  /** What {@link #toString} wrote. */
  static Task parse(String what, String batch) {
    return new Task(What.valueOf(what.toUpperCase(Locale.ROOT)), Integer.parseInt(batch));
  }

  @Override
  public String toString() {
    return what + " " + batch;
  }
}
