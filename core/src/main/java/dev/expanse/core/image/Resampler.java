package dev.expanse.core.image;

import java.util.Arrays;

/**
 * Separable resampling with a triangle filter, in the fixed-point arithmetic of Pillow's {@code
 * Resample.c} (rows first, rounded to bytes between the two passes), so that its pixels are
 * Pillow's.
 */
final class Resampler {

  private static final int CHANNELS = RgbImage.CHANNELS;

  /** Weights add up to {@code 1 << PRECISION}; 255 times that stays clear of an int's sign. */
  private static final int PRECISION = 22;

  private static final int HALF = 1 << (PRECISION - 1);

  /**
   * Output {@code i} is the sum of the inputs from {@code first[i]} on, times {@code weight[i]}.
   */
  private record Weights(int[] first, int[][] weight) {}

  private Resampler() {}

  static RgbImage resize(
      RgbImage image, int x, int y, int width, int height, int newWidth, int newHeight) {
    byte[] pixels = image.pixels();
    int offset = (y * image.width() + x) * CHANNELS;
    int stride = image.width() * CHANNELS;
    if (newWidth != width) {
      pixels = resizeRows(pixels, offset, stride, height, weights(width, newWidth));
      offset = 0;
      stride = newWidth * CHANNELS;
    }
    if (newHeight != height) {
      pixels = resizeColumns(pixels, offset, stride, newWidth, weights(height, newHeight));
    }
    return new RgbImage(newWidth, newHeight, pixels);
  }

  private static Weights weights(int size, int newSize) {
    double scale = (double) size / newSize;
    double support = Math.max(scale, 1.0);
    Weights weights = new Weights(new int[newSize], new int[newSize][]);
    for (int i = 0; i < newSize; i++) {
      double center = (i + 0.5) * scale;
      int first = Math.max((int) (center - support + 0.5), 0);
      int count = Math.min((int) (center + support + 0.5), size) - first;
      weights.first[i] = first;
      weights.weight[i] = triangle(first - center + 0.5, count, support);
    }
    return weights;
  }

  private static int[] triangle(double start, int count, double support) {
    double[] exact = new double[count];
    double sum = 0;
    for (int k = 0; k < count; k++) {
      exact[k] = Math.max(0, 1 - Math.abs(start + k) / support);
      sum += exact[k];
    }
    int[] fixed = new int[count];
    for (int k = 0; k < count; k++) {
      fixed[k] = (int) (exact[k] / sum * (1 << PRECISION) + 0.5);
    }
    return fixed;
  }

  private static byte[] resizeRows(byte[] in, int offset, int stride, int height, Weights weights) {
    int newWidth = weights.first.length;
    byte[] out = new byte[RgbImage.byteCount(newWidth, height)];
    int to = 0;
    for (int row = 0; row < height; row++) {
      int rowStart = offset + row * stride;
      for (int column = 0; column < newWidth; column++) {
        int from = rowStart + weights.first[column] * CHANNELS;
        int[] weight = weights.weight[column];
        int red = HALF;
        int green = HALF;
        int blue = HALF;
        for (int k : weight) {
          red += (in[from] & 0xff) * k;
          green += (in[from + 1] & 0xff) * k;
          blue += (in[from + 2] & 0xff) * k;
          from += CHANNELS;
        }
        out[to++] = toByte(red);
        out[to++] = toByte(green);
        out[to++] = toByte(blue);
      }
    }
    return out;
  }

  private static byte[] resizeColumns(
      byte[] in, int offset, int stride, int width, Weights weights) {
    int newHeight = weights.first.length;
    byte[] out = new byte[RgbImage.byteCount(width, newHeight)];
    int rowBytes = width * CHANNELS;
    int[] sums = new int[rowBytes];
    for (int row = 0; row < newHeight; row++) {
      Arrays.fill(sums, HALF);
      int from = offset + weights.first[row] * stride;
      for (int k : weights.weight[row]) {
        addWeighted(in, from, k, sums);
        from += stride;
      }
      int to = row * rowBytes;
      for (int i = 0; i < rowBytes; i++) {
        out[to + i] = toByte(sums[i]);
      }
    }
    return out;
  }

  private static void addWeighted(byte[] in, int from, int weight, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += (in[from + i] & 0xff) * weight;
    }
  }

  private static byte toByte(int sum) {
    return (byte) Math.min(sum >> PRECISION, 255);
  }
}
