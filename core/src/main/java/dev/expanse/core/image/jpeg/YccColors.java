package dev.expanse.core.image.jpeg;

/**
 * Y, Cb and Cr to red, green and blue, in the fixed point of libjpeg's {@code jdcolor.c}. Pixels
 * are taken by the hundreds into arrays of ints, over which HotSpot computes by vectors: it does so
 * only in short loops, with places that differ by constants, and without branches.
 */
final class YccColors {

  private static final int TILE = 512;
  private static final int CB = TILE;
  private static final int CR = 2 * TILE;
  private static final int RED = 3 * TILE;
  private static final int GREEN = 4 * TILE;
  private static final int BLUE = 5 * TILE;

  private static final int CENTER = 128;
  private static final int SCALE_BITS = 16;
  private static final int HALF = 1 << (SCALE_BITS - 1);
  private static final int CR_TO_RED = fix(1.40200);
  private static final int CB_TO_GREEN = -fix(0.34414);
  private static final int CR_TO_GREEN = -fix(0.71414);
  private static final int CB_TO_BLUE = fix(1.77200);

  private final int[] work = new int[6 * TILE];

  private static int fix(double factor) {
    return (int) (factor * (1 << SCALE_BITS) + 0.5);
  }

  /** The samples of a component from {@code start} on. */
  record Samples(byte[] bytes, int start) {}

  /** Converts a row of {@code count} pixels. */
  void toRgb(Samples y, Samples cb, Samples cr, int count, byte[] rgb, int to) {
    for (int done = 0; done < count; done += TILE) {
      int n = Math.min(TILE, count - done);
      take(y, done, n, 0, 0);
      take(cb, done, n, CB, CENTER);
      take(cr, done, n, CR, CENTER);
      computeRed(work, n);
      computeGreen(work, n);
      computeBlue(work, n);
      give(n, rgb, to + done * 3);
    }
  }

  private void take(Samples samples, int done, int n, int place, int lowered) {
    byte[] bytes = samples.bytes;
    int from = samples.start + done;
    for (int i = 0; i < n; i++) {
      work[place + i] = (bytes[from + i] & 0xff) - lowered;
    }
  }

  private static void computeRed(int[] w, int n) {
    for (int i = 0; i < n; i++) {
      w[RED + i] = bound(w[i] + ((CR_TO_RED * w[CR + i] + HALF) >> SCALE_BITS));
    }
  }

  private static void computeGreen(int[] w, int n) {
    for (int i = 0; i < n; i++) {
      int change = CB_TO_GREEN * w[CB + i] + CR_TO_GREEN * w[CR + i] + HALF;
      w[GREEN + i] = bound(w[i] + (change >> SCALE_BITS));
    }
  }

  private static void computeBlue(int[] w, int n) {
    for (int i = 0; i < n; i++) {
      w[BLUE + i] = bound(w[i] + ((CB_TO_BLUE * w[CB + i] + HALF) >> SCALE_BITS));
    }
  }

  /** A number whose lowest byte is the level, 0 below and 255 above. */
  private static int bound(int level) {
    return (level | (255 - level) >> 31) & ~(level >> 31);
  }

  private void give(int n, byte[] rgb, int to) {
    int at = to;
    for (int i = 0; i < n; i++) {
      rgb[at] = (byte) work[RED + i];
      rgb[at + 1] = (byte) work[GREEN + i];
      rgb[at + 2] = (byte) work[BLUE + i];
      at += 3;
    }
  }
}
