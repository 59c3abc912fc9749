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
   * How one direction is resampled: output {@code i} is the sum of the inputs from {@code first[i]}
   * on, times {@code weight[i]}.
   */
  record Axis(int[] first, int[][] weight) {

    /** The outputs from {@code from} on of {@code size} inputs resized to {@code newSize}. */
    static Axis of(int size, int newSize, int from, int count) {
      double scale = (double) size / newSize;
      double support = Math.max(scale, 1.0);
      Axis axis = new Axis(new int[count], new int[count][]);
      for (int i = 0; i < count; i++) {
        double center = (from + i + 0.5) * scale;
        int first = Math.max((int) (center - support + 0.5), 0);
        int inputs = Math.min((int) (center + support + 0.5), size) - first;
        axis.first[i] = first;
        axis.weight[i] = triangle(first - center + 0.5, inputs, support);
      }
      return axis;
    }

    /** The first input that counts. */
    int start() {
      return first[0];
    }

    /** The input after the last one that counts. */
    int end() {
      int end = 0;
      for (int i = 0; i < first.length; i++) {
        end = Math.max(end, first[i] + weight[i].length);
      }
      return end;
    }

    int count() {
      return first.length;
    }

    /** Whether each output is an input, and the next one the next. */
    boolean copies() {
      for (int i = 0; i < first.length; i++) {
        if (weight[i].length > 1 || first[i] != first[0] + i) {
          return false;
        }
      }
      return true;
    }
  }

  private Resampler() {}

  /** Resamples the part of an image that begins at {@code (x, y)}, which may lie outside of it. */
  static RgbImage resize(RgbImage image, int x, int y, Axis columns, Axis rows) {
    if (columns.copies() && rows.copies()) {
      return image.crop(x + columns.start(), y + rows.start(), columns.count(), rows.count());
    }
    int top = rows.start();
    int height = rows.end() - top;
    int[] narrow = resizeRows(image, x, y + top, height, columns);
    byte[] pixels = resizeColumns(narrow, columns.count() * CHANNELS, top, rows);
    return new RgbImage(columns.count(), rows.count(), pixels);
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
    int used = count;
    while (fixed[used - 1] == 0) {
      used--;
    }
    return Arrays.copyOf(fixed, used);
  }

  /** Levels as ints, in which the other direction is computed by vectors. */
  private static int[] resizeRows(RgbImage image, int x, int y, int height, Axis columns) {
    int[] out = new int[RgbImage.byteCount(columns.count(), height)];
    int rowLength = columns.count() * CHANNELS;
    for (int row = 0; row < height; row += 2) {
      int second = Math.min(row + 1, height - 1);
      int from = ((y + row) * image.width() + x) * CHANNELS;
      int secondFrom = ((y + second) * image.width() + x) * CHANNELS;
      resizeTwoRows(
          image.pixels(), from, secondFrom, columns, out, row * rowLength, second * rowLength);
    }
    return out;
  }

  /** Two at a time take the weights out of memory half as often. */
  private static void resizeTwoRows(
      byte[] in, int row, int secondRow, Axis columns, int[] out, int to, int secondTo) {
    int apart = secondRow - row;
    for (int column = 0; column < columns.count(); column++) {
      int from = row + columns.first[column] * CHANNELS;
      int red = HALF;
      int green = HALF;
      int blue = HALF;
      int secondRed = HALF;
      int secondGreen = HALF;
      int secondBlue = HALF;
      for (int k : columns.weight[column]) {
        red += (in[from] & 0xff) * k;
        green += (in[from + 1] & 0xff) * k;
        blue += (in[from + 2] & 0xff) * k;
        secondRed += (in[from + apart] & 0xff) * k;
        secondGreen += (in[from + apart + 1] & 0xff) * k;
        secondBlue += (in[from + apart + 2] & 0xff) * k;
        from += CHANNELS;
      }
      int place = column * CHANNELS;
      out[to + place] = toLevel(red);
      out[to + place + 1] = toLevel(green);
      out[to + place + 2] = toLevel(blue);
      out[secondTo + place] = toLevel(secondRed);
      out[secondTo + place + 1] = toLevel(secondGreen);
      out[secondTo + place + 2] = toLevel(secondBlue);
    }
  }

  private static byte[] resizeColumns(int[] in, int rowBytes, int top, Axis rows) {
    byte[] out = new byte[rows.count() * rowBytes];
    int[] sums = new int[rowBytes];
    for (int row = 0; row < rows.count(); row++) {
      Arrays.fill(sums, HALF);
      int from = (rows.first[row] - top) * rowBytes;
      for (int k : rows.weight[row]) {
        addWeighted(in, from, k, sums);
        from += rowBytes;
      }
      int to = row * rowBytes;
      for (int i = 0; i < rowBytes; i++) {
        out[to + i] = (byte) toLevel(sums[i]);
      }
    }
    return out;
  }

  private static void addWeighted(int[] in, int from, int weight, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += in[from + i] * weight;
    }
  }

  private static int toLevel(int sum) {
    return Math.min(sum >> PRECISION, 255);
  }
}
