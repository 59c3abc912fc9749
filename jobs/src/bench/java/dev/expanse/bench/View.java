package dev.expanse.bench;

import java.util.random.RandomGenerator;

/**
 * The rectangle of a photograph that a peer resizes to a square, in pixels, and whether that is
 * mirrored then. They are the views of {@link dev.expanse.core.image.ImageTransform}, told in the
 * terms that every image library understands.
 */
record View(int x, int y, int width, int height, boolean flip) {
  private static final double MIN_SCALE = 0.08;
  private static final double MAX_RATIO = 4.0 / 3;
  private static final int TRIES = 10;
  private static final double CROP_FRACTION = 0.875;
  private static final int MOST_REDUCTION = 8;

  /**
   * A random resized crop, from the same draws as the training transform's; the square in the
   * middle where ten draws do not fit, as may be with a very long photograph.
   */
  static View training(Photograph photograph, RandomGenerator random) {
    for (int attempt = 0; attempt < TRIES; attempt++) {
      double area = photograph.pixels() * (MIN_SCALE + (1 - MIN_SCALE) * random.nextDouble());
      double ratio = Math.exp(Math.log(MAX_RATIO) * (2 * random.nextDouble() - 1));
      int width = (int) Math.round(Math.sqrt(area * ratio));
      int height = (int) Math.round(Math.sqrt(area / ratio));
      if (width > 0 && width <= photograph.width() && height > 0 && height <= photograph.height()) {
        int x = random.nextInt(photograph.width() - width + 1);
        int y = random.nextInt(photograph.height() - height + 1);
        return new View(x, y, width, height, random.nextBoolean());
      }
    }
    return central(photograph, 1, random.nextBoolean());
  }

  /** The square in the middle that evaluation looks at. */
  static View evaluation(Photograph photograph) {
    return central(photograph, CROP_FRACTION, false);
  }

  private static View central(Photograph photograph, double fraction, boolean flip) {
    int side =
        Math.max(1, (int) Math.round(fraction * Math.min(photograph.width(), photograph.height())));
    return new View(
        (photograph.width() - side) / 2, (photograph.height() - side) / 2, side, side, flip);
  }

  /**
   * By how much a decoder may shrink the photograph while this view keeps {@code side} pixels: 1,
   * 2, 4 or 8.
   */
  int reduction(int side) {
    int reduction = MOST_REDUCTION;
    while (reduction > 1 && Math.min(width, height) / reduction < side) {
      reduction /= 2;
    }
    return reduction;
  }

  /** The same view of the photograph when it is smaller by {@code reduction}. */
  View reduced(int reduction) {
    return new View(x / reduction, y / reduction, width / reduction, height / reduction, flip);
  }
}
