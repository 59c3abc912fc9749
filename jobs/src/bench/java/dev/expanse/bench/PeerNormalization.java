package dev.expanse.bench;

import dev.expanse.core.image.Normalization;

/**
 * Writes the pixels of peers into a batch, mirrored where the view is, by a table of the 256 values
 * of each channel: it is as fast as Java can be, so that nothing of ours slows a peer.
 */
final class PeerNormalization {
  private static final int CHANNELS = 3;
  private static final float[][] TABLE = table();

  private PeerNormalization() {}

  private static float[][] table() {
    var table = new float[CHANNELS][256];
    for (int channel = 0; channel < CHANNELS; channel++) {
      for (int value = 0; value < 256; value++) {
        table[channel][value] =
            (value / 255f - Normalization.IMAGENET.mean().get(channel))
                / Normalization.IMAGENET.deviation().get(channel);
      }
    }
    return table;
  }

  /** From bytes of shape {@code [side, side, 3]} in the order blue, green, red. */
  static void writeBgr(byte[] pixels, int side, boolean flip, float[] batch, int index) {
    int from = 0;
    int step = flip ? -CHANNELS : CHANNELS;
    for (int row = 0; row < side; row++) {
      int to = start(side, row, flip, index);
      for (int column = 0; column < side; column++) {
        batch[to] = TABLE[0][pixels[from + 2] & 0xff];
        batch[to + 1] = TABLE[1][pixels[from + 1] & 0xff];
        batch[to + 2] = TABLE[2][pixels[from] & 0xff];
        from += CHANNELS;
        to += step;
      }
    }
  }

  /** From ints of shape {@code [side, side]} with red in the highest byte, blue in the third. */
  static void writeRgbx(int[] pixels, int side, boolean flip, float[] batch, int index) {
    int from = 0;
    int step = flip ? -CHANNELS : CHANNELS;
    for (int row = 0; row < side; row++) {
      int to = start(side, row, flip, index);
      for (int column = 0; column < side; column++) {
        int pixel = pixels[from++];
        batch[to] = TABLE[0][pixel >>> 24];
        batch[to + 1] = TABLE[1][pixel >> 16 & 0xff];
        batch[to + 2] = TABLE[2][pixel >> 8 & 0xff];
        to += step;
      }
    }
  }

  private static int start(int side, int row, boolean flip, int index) {
    return ((index * side + row) * side + (flip ? side - 1 : 0)) * CHANNELS;
  }
}
