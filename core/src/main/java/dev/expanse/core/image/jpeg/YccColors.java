package dev.expanse.core.image.jpeg;

/** Y, Cb and Cr to red, green and blue, in the fixed point of libjpeg's {@code jdcolor.c}. */
final class YccColors {

  private static final int SCALE_BITS = 16;
  private static final int HALF = 1 << (SCALE_BITS - 1);

  private static final int[] CR_TO_RED = new int[256];
  private static final int[] CB_TO_BLUE = new int[256];
  private static final int[] CR_TO_GREEN = new int[256];
  private static final int[] CB_TO_GREEN = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int x = i - 128;
      CR_TO_RED[i] = (fix(1.40200) * x + HALF) >> SCALE_BITS;
      CB_TO_BLUE[i] = (fix(1.77200) * x + HALF) >> SCALE_BITS;
      CR_TO_GREEN[i] = -fix(0.71414) * x;
      CB_TO_GREEN[i] = -fix(0.34414) * x + HALF;
    }
  }

  private YccColors() {}

  private static int fix(double factor) {
    return (int) (factor * (1 << SCALE_BITS) + 0.5);
  }

  /** Converts a row of {@code count} pixels. */
  static void toRgb(
      byte[] y,
      int yStart,
      byte[] cb,
      int cbStart,
      byte[] cr,
      int crStart,
      int count,
      byte[] rgb,
      int to) {
    for (int i = 0; i < count; i++) {
      int luma = y[yStart + i] & 0xff;
      int blueness = cb[cbStart + i] & 0xff;
      int redness = cr[crStart + i] & 0xff;
      rgb[to] = clamp(luma + CR_TO_RED[redness]);
      rgb[to + 1] = clamp(luma + ((CB_TO_GREEN[blueness] + CR_TO_GREEN[redness]) >> SCALE_BITS));
      rgb[to + 2] = clamp(luma + CB_TO_BLUE[blueness]);
      to += 3;
    }
  }

  private static byte clamp(int sample) {
    // Rarely beyond, so that a branch is foretold.
    return (sample & ~255) == 0 ? (byte) sample : (byte) (~sample >> 31);
  }
}
