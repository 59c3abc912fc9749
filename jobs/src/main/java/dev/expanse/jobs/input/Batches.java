package dev.expanse.jobs.input;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.image.BatchLoader;
import dev.expanse.core.image.ImageDecodeException;

/** Takes batches from a loader, for a user whose images they are. */
public final class Batches {
  private Batches() {}

  /**
   * The next batch.
   *
   * @throws InvalidInputException if an image of it cannot be decoded
   */
  public static BatchLoader.Batch next(BatchLoader loader) {
    try {
      return loader.next();
    } catch (IllegalStateException e) {
      if (e.getCause() instanceof ImageDecodeException) {
        throw new InvalidInputException(
            e.getMessage() + ": expected images that can be decoded; prepare leaves others out", e);
      }
      throw e;
    }
  }
}
