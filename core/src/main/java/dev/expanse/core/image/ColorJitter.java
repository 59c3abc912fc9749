package dev.expanse.core.image;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * Chance changes of colour, as torchvision's {@code ColorJitter} makes them of 8-bit images. Of
 * each kind a factor is drawn evenly from {@code 1 - x} (but at least 0) to {@code 1 + x}, and the
 * kinds follow one another in an order that is drawn, too. A strength of 0 leaves its kind out.
 *
 * @param brightness how far the factor of brightness, which blends with black, may be from 1
 * @param contrast how far the factor of contrast, which blends with the mean grey, may be from 1
 * @param saturation how far the factor of saturation, which blends each pixel with its own grey,
 *     may be from 1
 */
public record ColorJitter(double brightness, double contrast, double saturation)
    implements Serializable {

  /** Changes nothing and draws no random numbers. */
  public static final ColorJitter NONE = new ColorJitter(0, 0, 0);

  /**
   * Makes a jitter.
   *
   * @throws IllegalArgumentException if a strength is negative or not a finite number
   */
  public ColorJitter {
    requireStrength("brightness", brightness);
    requireStrength("contrast", contrast);
    requireStrength("saturation", saturation);
  }

  private static void requireStrength(String name, double strength) {
    if (!(strength >= 0 && strength < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "The %s must be a number of at least 0, not %s".formatted(name, strength));
    }
  }

  /** Draws one change of colour. */
  UnaryOperator<RgbImage> draw(RandomGenerator random) {
    List<UnaryOperator<RgbImage>> changes = new ArrayList<>();
    if (brightness > 0) {
      double factor = factor(brightness, random);
      changes.add(image -> brighten(image, factor));
    }
    if (contrast > 0) {
      double factor = factor(contrast, random);
      changes.add(image -> contrast(image, factor));
    }
    if (saturation > 0) {
      double factor = factor(saturation, random);
      changes.add(image -> saturate(image, factor));
    }
    for (int i = changes.size() - 1; i > 0; i--) {
      changes.add(changes.remove(random.nextInt(i + 1)));
    }
    return image -> {
      RgbImage changed = image;
      for (UnaryOperator<RgbImage> change : changes) {
        changed = change.apply(changed);
      }
      return changed;
    };
  }

  private static double factor(double strength, RandomGenerator random) {
    double least = Math.max(0, 1 - strength);
    return least + (1 + strength - least) * random.nextDouble();
  }

  static RgbImage brighten(RgbImage image, double factor) {
    return blend(image, 0, factor);
  }

  static RgbImage contrast(RgbImage image, double factor) {
    byte[] pixels = image.pixels();
    long sum = 0;
    for (int i = 0; i < pixels.length; i += RgbImage.CHANNELS) {
      sum += grey(pixels, i);
    }
    return blend(image, (float) sum / (pixels.length / RgbImage.CHANNELS), factor);
  }

  /** Blends all samples with one level. */
  private static RgbImage blend(RgbImage image, float level, double factor) {
    byte[] blended = new byte[256];
    for (int i = 0; i < blended.length; i++) {
      blended[i] = blend(i, level, (float) factor, (float) (1 - factor));
    }
    byte[] pixels = image.pixels();
    byte[] changed = new byte[pixels.length];
    for (int i = 0; i < changed.length; i++) {
      changed[i] = blended[pixels[i] & 0xff];
    }
    return new RgbImage(image.width(), image.height(), changed);
  }

  static RgbImage saturate(RgbImage image, double factor) {
    float share = (float) factor;
    float rest = (float) (1 - factor);
    byte[] pixels = image.pixels();
    byte[] changed = new byte[pixels.length];
    for (int i = 0; i < changed.length; i += RgbImage.CHANNELS) {
      int grey = grey(pixels, i);
      for (int k = i; k < i + RgbImage.CHANNELS; k++) {
        changed[k] = blend(pixels[k] & 0xff, grey, share, rest);
      }
    }
    return new RgbImage(image.width(), image.height(), changed);
  }

  /** In single precision and cut off, not rounded, to the byte that torchvision makes of it. */
  private static byte blend(int sample, float level, float share, float rest) {
    return (byte) Math.max(0, Math.min(255, share * sample + rest * level));
  }

  private static int grey(byte[] pixels, int at) {
    return (int)
        (0.2989f * (pixels[at] & 0xff)
            + 0.587f * (pixels[at + 1] & 0xff)
            + 0.114f * (pixels[at + 2] & 0xff));
  }
}
