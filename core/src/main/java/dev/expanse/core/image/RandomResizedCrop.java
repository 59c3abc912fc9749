package dev.expanse.core.image;

import java.util.random.RandomGenerator;

/** See {@link ImageTransform#training(int, double, boolean, ColorJitter)}. */
record RandomResizedCrop(int side, double minScale, boolean flip, ColorJitter jitter)
    implements ViewTransform {

  static final double MIN_SCALE = 0.08;

  private static final double MIN_RATIO = 3.0 / 4;
  private static final double MAX_RATIO = 4.0 / 3;
  private static final int TRIES = 10;

  RandomResizedCrop {
    if (side < 1) {
      throw new IllegalArgumentException("The side must be at least 1, not " + side);
    }
    if (!(minScale > 0 && minScale <= 1)) {
      throw new IllegalArgumentException(
          "The smallest scale must be above 0 and at most 1, not " + minScale);
    }
  }

  @Override
  public View view(int width, int height, RandomGenerator random) {
    Region region = region(width, height, random);
    boolean mirrored = flip && random.nextBoolean();
    Region window = Region.whole(side, side);
    return View.of(region, side, side, window, mirrored, jitter.draw(random));
  }

  Region region(int width, int height, RandomGenerator random) {
    double area = (double) width * height;
    for (int attempt = 0; attempt < TRIES; attempt++) {
      double cropArea = area * between(minScale, 1, random);
      // The logarithm is what is drawn evenly, so that a ratio is as likely as its inverse.
      double ratio = Math.exp(between(Math.log(MIN_RATIO), Math.log(MAX_RATIO), random));
      int cropWidth = (int) Math.round(Math.sqrt(cropArea * ratio));
      int cropHeight = (int) Math.round(Math.sqrt(cropArea / ratio));
      if (cropWidth > 0 && cropWidth <= width && cropHeight > 0 && cropHeight <= height) {
        int x = random.nextInt(width - cropWidth + 1);
        int y = random.nextInt(height - cropHeight + 1);
        return new Region(x, y, cropWidth, cropHeight);
      }
    }
    return largestCentralRegion(width, height);
  }

  private static Region largestCentralRegion(int width, int height) {
    double ratio = (double) width / height;
    int cropWidth = ratio > MAX_RATIO ? (int) Math.round(height * MAX_RATIO) : width;
    int cropHeight = ratio < MIN_RATIO ? (int) Math.round(width / MIN_RATIO) : height;
    return new Region((width - cropWidth) / 2, (height - cropHeight) / 2, cropWidth, cropHeight);
  }

  /** Without {@code nextDouble(from, to)}, which refuses an empty range such as 1 to 1. */
  private static double between(double from, double to, RandomGenerator random) {
    return from + (to - from) * random.nextDouble();
  }
}
