package dev.expanse.core.image;

import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/** See {@link ImageTransform#evaluation(int, double)}. */
record CenterCrop(int side, double cropFraction) implements ViewTransform {

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
  public View view(int width, int height, RandomGenerator random) {
    int shorter = (int) Math.round(side / cropFraction);
    int newWidth = RgbImage.resizedSide(width, height, shorter);
    int newHeight = RgbImage.resizedSide(height, width, shorter);
    Region window = RgbImage.center(newWidth, newHeight, side);
    return View.of(
        Region.whole(width, height), newWidth, newHeight, window, false, UnaryOperator.identity());
  }
}
