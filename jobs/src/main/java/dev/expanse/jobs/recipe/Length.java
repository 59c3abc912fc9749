package dev.expanse.jobs.recipe;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import java.io.Serializable;
import java.util.Map;

/** How long a training is. */
public sealed interface Length extends Serializable {

  /**
   * Steps of a run. The last step of an epoch has the images that are left over.
   *
   * @param imagesInEpoch images of an epoch, at least 1
   * @param imagesAStep images that all workers take a full step on, at least 1
   */
  long steps(long imagesInEpoch, long imagesAStep);

  /** Epochs of a run that are begun. */
  int epochs(long imagesInEpoch);

  /** Its key and value. */
  Map<String, Object> entries();

  /** So many epochs, in each of which hardly any image is left out. */
  record Epochs(int count) implements Length {
    @Override
    public long steps(long imagesInEpoch, long imagesAStep) {
      return count * stepsOn(imagesInEpoch, imagesAStep);
    }

    @Override
    public int epochs(long imagesInEpoch) {
      return count;
    }

    @Override
    public Map<String, Object> entries() {
      return Map.of("epochs", count);
    }
  }

  /** At least so many images; the last epoch ends within, after the step that has them all. */
  record Images(long count) implements Length {
    @Override
    public long steps(long imagesInEpoch, long imagesAStep) {
      return count / imagesInEpoch * stepsOn(imagesInEpoch, imagesAStep)
          + stepsOn(count % imagesInEpoch, imagesAStep);
    }

    @Override
    public int epochs(long imagesInEpoch) {
      return Math.toIntExact(stepsOn(count, imagesInEpoch));
    }

    @Override
    public Map<String, Object> entries() {
      return Map.of("images", count);
    }
  }

  private static long stepsOn(long images, long imagesAStep) {
    return Math.floorDiv(images - 1, imagesAStep) + 1;
  }

  /**
   * Reads {@code epochs} or {@code images}.
   *
   * @throws InvalidInputException if both or none of them are there, or if it is below 1
   */
  static Length read(Settings settings) {
    if (!settings.has("images")) {
      return new Epochs(settings.integer("epochs", 1, 100_000));
    }
    if (settings.has("epochs")) {
      throw settings.wrong(
          "images", settings.value("images"), "either images or epochs, not both of them");
    }
    return new Images(settings.integer("images", 1, Integer.MAX_VALUE));
  }
}
