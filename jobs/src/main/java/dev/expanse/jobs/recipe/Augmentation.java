package dev.expanse.jobs.recipe;

import dev.expanse.core.config.Settings;
import dev.expanse.core.image.ColorJitter;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What chance does to a training image.
 *
 * @param minScale least share of an image's area that a random crop keeps
 * @param flip whether half of the images are mirrored
 * @param jitter how far colours are changed
 */
public record Augmentation(double minScale, boolean flip, ColorJitter jitter)
    implements Serializable {

  static Augmentation read(Settings settings) {
    settings.onlyKeys("min-scale", "flip", "brightness", "contrast", "saturation");
    return new Augmentation(
        settings.number("min-scale", 0.01, 1, 0.08),
        settings.flag("flip", true),
        new ColorJitter(
            settings.number("brightness", 0, 10, 0),
            settings.number("contrast", 0, 10, 0),
            settings.number("saturation", 0, 10, 0)));
  }

  /** Its keys and values below {@code augment}. */
  Map<String, Object> entries() {
    var entries = new LinkedHashMap<String, Object>();
    entries.put("min-scale", minScale);
    entries.put("flip", flip);
    entries.put("brightness", jitter.brightness());
    entries.put("contrast", jitter.contrast());
    entries.put("saturation", jitter.saturation());
    return entries;
  }
}
