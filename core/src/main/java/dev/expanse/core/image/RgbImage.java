package dev.expanse.core.image;

import java.util.Arrays;

/**
 * An 8-bit RGB image. It never changes: every method returns another image (or this one, where
 * nothing would differ), and whoever hands in or takes out the pixel array leaves it as it is.
 */
public final class RgbImage {

  static final int CHANNELS = 3;

  private final int width;
  private final int height;
  private final byte[] pixels;

  /**
   * Makes an image of the given pixels, without copying them.
   *
   * @param width the width in pixels, at least 1
   * @param height the height in pixels, at least 1
   * @param pixels unsigned bytes of shape {@code [height, width, 3]}, in the order red, green, blue
   * @throws IllegalArgumentException if a side is below 1, or if the array's length is not {@code
   *     height * width * 3}
   */
  public RgbImage(int width, int height, byte[] pixels) {
    if (pixels.length != byteCount(width, height)) {
      throw new IllegalArgumentException(
          "An RGB image of %d x %d pixels takes %d bytes, not %d"
              .formatted(width, height, byteCount(width, height), pixels.length));
    }
    this.width = width;
    this.height = height;
    this.pixels = pixels;
  }

  /** Bytes that an image of these sides takes, refused where no array can hold them. */
  static int byteCount(int width, int height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "An image has at least 1 x 1 pixels, not %d x %d".formatted(width, height));
    }
    long pixels = (long) width * height;
    if (pixels > Integer.MAX_VALUE / CHANNELS) {
      throw new IllegalArgumentException(
          "An image of %d x %d pixels does not fit into one array".formatted(width, height));
    }
    return (int) pixels * CHANNELS;
  }

  /**
   * Returns the width.
   *
   * @return the width in pixels
   */
  public int width() {
    return width;
  }

  /**
   * Returns the height.
   *
   * @return the height in pixels
   */
  public int height() {
    return height;
  }

  /**
   * Returns the pixels themselves, not a copy; they must not be written to.
   *
   * @return unsigned bytes of shape {@code [height, width, 3]}, in the order red, green, blue
   */
  public byte[] pixels() {
    return pixels;
  }

  /**
   * Cuts a rectangle out.
   *
   * @param x the leftmost column that is kept
   * @param y the topmost row that is kept
   * @param cropWidth the width of the rectangle in pixels
   * @param cropHeight the height of the rectangle in pixels
   * @return the pixels of the rectangle
   * @throws IllegalArgumentException if the rectangle is empty or reaches over an edge
   */
  public RgbImage crop(int x, int y, int cropWidth, int cropHeight) {
    requireInside(x, y, cropWidth, cropHeight);
    if (cropWidth == width && cropHeight == height) {
      return this;
    }
    byte[] cropped = new byte[byteCount(cropWidth, cropHeight)];
    int rowBytes = cropWidth * CHANNELS;
    for (int row = 0; row < cropHeight; row++) {
      int from = ((y + row) * width + x) * CHANNELS;
      System.arraycopy(pixels, from, cropped, row * rowBytes, rowBytes);
    }
    return new RgbImage(cropWidth, cropHeight, cropped);
  }

  /**
   * Cuts a square out of the middle; where the margins cannot be equal, they differ by one pixel as
   * torchvision's {@code center_crop} has them. Nothing is padded.
   *
   * @param side the side of the square in pixels
   * @return the pixels of the square
   * @throws IllegalArgumentException if the image is narrower or lower than {@code side}
   */
  public RgbImage centerCrop(int side) {
    if (side < 1 || side > width || side > height) {
      throw new IllegalArgumentException(
          "Cannot crop %d x %d from a %d x %d image".formatted(side, side, width, height));
    }
    Region center = center(width, height, side);
    return crop(center.x(), center.y(), side, side);
  }

  static Region center(int width, int height, int side) {
    // rint: torchvision rounds the margin as Python does, a half to the even neighbour.
    int x = (int) Math.rint((width - side) / 2.0);
    int y = (int) Math.rint((height - side) / 2.0);
    return new Region(x, y, side, side);
  }

  /**
   * Resizes with a triangle filter that widens with the scale: antialiased when shrinking, bilinear
   * when enlarging, as Pillow's {@code Image.resize(size, BILINEAR)} and torchvision's {@code
   * resize(antialias=True)}. The aspect ratio is not kept.
   *
   * @param newWidth the width in pixels, at least 1
   * @param newHeight the height in pixels, at least 1
   * @return an image of exactly these sides
   * @throws IllegalArgumentException if a side is below 1
   */
  public RgbImage resize(int newWidth, int newHeight) {
    return resizedCrop(0, 0, width, height, newWidth, newHeight);
  }

  /**
   * Resizes a rectangle of this image: the same pixels as {@link #crop} and {@link #resize} after
   * one another, without the copy between them (torchvision's {@code resized_crop}).
   *
   * @param x the leftmost column of the rectangle
   * @param y the topmost row of the rectangle
   * @param cropWidth the width of the rectangle in pixels
   * @param cropHeight the height of the rectangle in pixels
   * @param newWidth the width of the result in pixels, at least 1
   * @param newHeight the height of the result in pixels, at least 1
   * @return an image of exactly {@code newWidth x newHeight}
   * @throws IllegalArgumentException if the rectangle is empty or reaches over an edge, or if a new
   *     side is below 1
   */
  public RgbImage resizedCrop(
      int x, int y, int cropWidth, int cropHeight, int newWidth, int newHeight) {
    requireInside(x, y, cropWidth, cropHeight);
    if (newWidth < 1 || newHeight < 1) {
      throw new IllegalArgumentException("Cannot resize to %d x %d".formatted(newWidth, newHeight));
    }
    if (newWidth == cropWidth && newHeight == cropHeight) {
      return crop(x, y, cropWidth, cropHeight);
    }
    return Resampler.resize(
        this,
        x,
        y,
        Resampler.Axis.of(cropWidth, newWidth, 0, newWidth),
        Resampler.Axis.of(cropHeight, newHeight, 0, newHeight));
  }

  /**
   * Resizes so that the shorter side is as given and the aspect ratio is kept; the longer side is
   * rounded down to whole pixels, as torchvision's {@code resize} with one size does.
   *
   * @param side the shorter side of the result in pixels, at least 1
   * @return the resized image
   * @throws IllegalArgumentException if {@code side} is below 1
   */
  public RgbImage resizeShorterSide(int side) {
    return resize(resizedSide(width, height, side), resizedSide(height, width, side));
  }

  /** What {@code one} side becomes where the shorter of both becomes {@code shorter} pixels. */
  static int resizedSide(int one, int other, int shorter) {
    return one <= other ? shorter : Math.toIntExact((long) shorter * one / other);
  }

  /**
   * Mirrors the image: its left edge becomes its right one.
   *
   * @return the mirrored image
   */
  public RgbImage flipHorizontally() {
    byte[] flipped = new byte[pixels.length];
    int rowBytes = width * CHANNELS;
    for (int row = 0; row < pixels.length; row += rowBytes) {
      int to = row + rowBytes;
      for (int from = row; from < row + rowBytes; from += CHANNELS) {
        to -= CHANNELS;
        flipped[to] = pixels[from];
        flipped[to + 1] = pixels[from + 1];
        flipped[to + 2] = pixels[from + 2];
      }
    }
    return new RgbImage(width, height, flipped);
  }

  private void requireInside(int x, int y, int cropWidth, int cropHeight) {
    boolean empty = cropWidth < 1 || cropHeight < 1;
    if (empty || x < 0 || y < 0 || x > width - cropWidth || y > height - cropHeight) {
      throw new IllegalArgumentException(
          "Cannot crop %d x %d at (%d, %d) from a %d x %d image"
              .formatted(cropWidth, cropHeight, x, y, width, height));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RgbImage image
        && width == image.width
        && height == image.height
        && Arrays.equals(pixels, image.pixels);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * width + height) + Arrays.hashCode(pixels);
  }

  @Override
  public String toString() {
    return "RgbImage[%d x %d]".formatted(width, height);
  }
}
