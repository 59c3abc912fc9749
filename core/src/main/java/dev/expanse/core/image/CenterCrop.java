package dev.expanse.core.image;

import java.util.random.RandomGenerator;

/** See {@link ImageTransform#evaluation(int, double)}. */
record CenterCrop(int side, double cropFraction) implements ImageTransform {

  static final double FRACTION = 0.875;

  CenterCrop {
    if (side < 1) {
      throw new IllegalArgumentException("The side must be at least 1, not " + side);
    }
    if (!(cropFraction > 0 && cropFraction <= 1)) {
      throw new IllegalArgumentException(
          "The crop fraction must be above 0 and at most 1, not " + cropFraction);
    }
  }

  @Override
  public RgbImage apply(RgbImage image, RandomGenerator random) {
    return image.resizeShorterSide((int) Math.round(side / cropFraction)).centerCrop(side);
  }
}
