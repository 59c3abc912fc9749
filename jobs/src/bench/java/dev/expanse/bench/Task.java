package dev.expanse.bench;

import java.util.Locale;

/**
 * One of the things that are timed.
 *
 * @param batch images at once
 */
record Task(What what, int batch) {

  /** What is done with them: the first two with a network, the others with files. */
  enum What {
    /** One step: forward, backward, and the update of the weights. */
    TRAIN,
    /** Forward, on the running statistics. */
    INFER,
    /** From the bytes of a file to all of its pixels. */
    DECODE,
    /** From the bytes of a file to a training view, normalised, in a batch. */
    AUGMENT,
    /** From the bytes of a file to an evaluation view, normalised, in a batch. */
    EVALUATE,
    /** From files on the disk to batches of training views, as a training loop has them. */
    READER;

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
