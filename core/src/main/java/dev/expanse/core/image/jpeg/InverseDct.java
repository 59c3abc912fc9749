package dev.expanse.core.image.jpeg;

import java.util.Arrays;

/**
 * The inverse cosine transform of libjpeg's {@code jidctint.c} ("islow"), to the bit: Loeffler,
 * Ligtenberg and Moschytz, "Practical Fast 1-D DCT Algorithms with 11 Multiplications", 1989, in
 * fixed point. Columns and rows of zeros are passed over, which changes nothing.
 */
final class InverseDct {

  private static final int CONST_BITS = 13;
  private static final int PASS1_BITS = 2;
  private static final int COLUMN_SHIFT = CONST_BITS - PASS1_BITS;
  private static final int COLUMN_HALF = 1 << (COLUMN_SHIFT - 1);
  private static final int ROW_SHIFT = CONST_BITS + PASS1_BITS + 3;

  /** Half of the last digit, and the 128 that samples were lowered by before they were coded. */
  private static final int ROW_BIAS = (1 << (ROW_SHIFT - 1)) + (128 << ROW_SHIFT);

  private static final int F_0_298631336 = 2446;
  private static final int F_0_390180644 = 3196;
  private static final int F_0_541196100 = 4433;
  private static final int F_0_765366865 = 6270;
  private static final int F_0_899976223 = 7373;
  private static final int F_1_175875602 = 9633;
  private static final int F_1_501321110 = 12299;
  private static final int F_1_847759065 = 15137;
  private static final int F_1_961570560 = 16069;
  private static final int F_2_053119869 = 16819;
  private static final int F_2_562915447 = 20995;
  private static final int F_3_072711026 = 25172;

  /** What the first and the third coefficient add to the odd part where the others are zero. */
  private static final int ODD_0_1 = F_1_175875602 - F_0_899976223;

  private static final int ODD_0_3 = F_1_175875602 - F_1_961570560;
  private static final int ODD_1_1 = F_1_175875602 - F_0_390180644;
  private static final int ODD_1_3 = F_1_175875602 - F_2_562915447;
  private static final int ODD_2_1 = F_1_175875602;
  private static final int ODD_2_3 = F_3_072711026 - F_2_562915447 - F_1_961570560 + F_1_175875602;
  private static final int ODD_3_1 = F_1_501321110 - F_0_899976223 - F_0_390180644 + F_1_175875602;
  private static final int ODD_3_3 = F_1_175875602;

  private InverseDct() {}

  /** Writes the samples of a block that has nothing but a mean. */
  static void uniform(int mean, byte[] out, int at, int stride) {
    byte sample =
        clamp((((mean << PASS1_BITS) + (1 << (PASS1_BITS + 2))) >> (PASS1_BITS + 3)) + 128);
    for (int row = 0; row < 8; row++) {
      Arrays.fill(out, at + row * stride, at + row * stride + 8, sample);
    }
  }

  /**
   * Writes the 8 x 8 samples of a block of coefficients, row by row, and leaves the block
   * undefined.
   *
   * @param occupied where the block has others than zeros, apart from the mean: see {@link
   *     EntropyReader#coefficients}
   */
  static void transform(int[] block, int occupied, byte[] out, int at, int stride) {
    boolean upperRows = occupied >> 12 == 0;
    for (int column = 0; column < 8; column++) {
      if ((occupied >> column & 1) == 0) {
        if (column == 0) {
          repeatMean(block);
        }
      } else if (upperRows) {
        transformShortColumn(block, column);
      } else {
        transformColumn(block, column);
      }
    }
    boolean leftColumns = (occupied & 0xf0) == 0;
    for (int row = 0; row < 8; row++) {
      if (leftColumns) {
        transformShortRow(block, row * 8, out, at + row * stride);
      } else {
        transformRow(block, row * 8, out, at + row * stride);
      }
    }
  }

  private static void repeatMean(int[] block) {
    int mean = block[0] << PASS1_BITS;
    for (int row = 0; row < 64; row += 8) {
      block[row] = mean;
    }
  }

  /** {@link #transformColumn} where the four last coefficients are zeros. */
  private static void transformShortColumn(int[] b, int c) {
    int z2 = b[c + 16];
    int mean = (b[c] << CONST_BITS) + COLUMN_HALF;
    int even2 = z2 * F_0_541196100;
    int even3 = z2 * (F_0_541196100 + F_0_765366865);
    int e0 = mean + even3;
    int e3 = mean - even3;
    int e1 = mean + even2;
    int e2 = mean - even2;

    int z3 = b[c + 24];
    int z1 = b[c + 8];
    int o0 = z1 * ODD_0_1 + z3 * ODD_0_3;
    int o1 = z1 * ODD_1_1 + z3 * ODD_1_3;
    int o2 = z1 * ODD_2_1 + z3 * ODD_2_3;
    int o3 = z1 * ODD_3_1 + z3 * ODD_3_3;

    b[c] = (e0 + o3) >> COLUMN_SHIFT;
    b[c + 8] = (e1 + o2) >> COLUMN_SHIFT;
    b[c + 16] = (e2 + o1) >> COLUMN_SHIFT;
    b[c + 24] = (e3 + o0) >> COLUMN_SHIFT;
    b[c + 32] = (e3 - o0) >> COLUMN_SHIFT;
    b[c + 40] = (e2 - o1) >> COLUMN_SHIFT;
    b[c + 48] = (e1 - o2) >> COLUMN_SHIFT;
    b[c + 56] = (e0 - o3) >> COLUMN_SHIFT;
  }

  /** {@link #transformRow} where the four last coefficients are zeros. */
  private static void transformShortRow(int[] b, int r, byte[] out, int at) {
    int z2 = b[r + 2];
    int mean = (b[r] << CONST_BITS) + ROW_BIAS;
    int even2 = z2 * F_0_541196100;
    int even3 = z2 * (F_0_541196100 + F_0_765366865);
    int e0 = mean + even3;
    int e3 = mean - even3;
    int e1 = mean + even2;
    int e2 = mean - even2;

    int z3 = b[r + 3];
    int z1 = b[r + 1];
    int o0 = z1 * ODD_0_1 + z3 * ODD_0_3;
    int o1 = z1 * ODD_1_1 + z3 * ODD_1_3;
    int o2 = z1 * ODD_2_1 + z3 * ODD_2_3;
    int o3 = z1 * ODD_3_1 + z3 * ODD_3_3;

    out[at] = clamp((e0 + o3) >> ROW_SHIFT);
    out[at + 1] = clamp((e1 + o2) >> ROW_SHIFT);
    out[at + 2] = clamp((e2 + o1) >> ROW_SHIFT);
    out[at + 3] = clamp((e3 + o0) >> ROW_SHIFT);
    out[at + 4] = clamp((e3 - o0) >> ROW_SHIFT);
    out[at + 5] = clamp((e2 - o1) >> ROW_SHIFT);
    out[at + 6] = clamp((e1 - o2) >> ROW_SHIFT);
    out[at + 7] = clamp((e0 - o3) >> ROW_SHIFT);
  }

  private static void transformColumn(int[] b, int c) {
    int z2 = b[c + 16];
    int z3 = b[c + 48];
    int z1 = (z2 + z3) * F_0_541196100;
    int even2 = z1 - z3 * F_1_847759065;
    int even3 = z1 + z2 * F_0_765366865;
    int sum = ((b[c] + b[c + 32]) << CONST_BITS) + COLUMN_HALF;
    int difference = ((b[c] - b[c + 32]) << CONST_BITS) + COLUMN_HALF;
    int e0 = sum + even3;
    int e3 = sum - even3;
    int e1 = difference + even2;
    int e2 = difference - even2;

    int o0 = b[c + 56];
    int o1 = b[c + 40];
    int o2 = b[c + 24];
    int o3 = b[c + 8];
    int z5 = (o0 + o2 + o1 + o3) * F_1_175875602;
    z1 = (o0 + o3) * -F_0_899976223;
    z2 = (o1 + o2) * -F_2_562915447;
    z3 = (o0 + o2) * -F_1_961570560 + z5;
    int z4 = (o1 + o3) * -F_0_390180644 + z5;
    o0 = o0 * F_0_298631336 + z1 + z3;
    o1 = o1 * F_2_053119869 + z2 + z4;
    o2 = o2 * F_3_072711026 + z2 + z3;
    o3 = o3 * F_1_501321110 + z1 + z4;

    b[c] = (e0 + o3) >> COLUMN_SHIFT;
    b[c + 8] = (e1 + o2) >> COLUMN_SHIFT;
    b[c + 16] = (e2 + o1) >> COLUMN_SHIFT;
    b[c + 24] = (e3 + o0) >> COLUMN_SHIFT;
    b[c + 32] = (e3 - o0) >> COLUMN_SHIFT;
    b[c + 40] = (e2 - o1) >> COLUMN_SHIFT;
    b[c + 48] = (e1 - o2) >> COLUMN_SHIFT;
    b[c + 56] = (e0 - o3) >> COLUMN_SHIFT;
  }

  private static void transformRow(int[] b, int r, byte[] out, int at) {
    int z2 = b[r + 2];
    int z3 = b[r + 6];
    int z1 = (z2 + z3) * F_0_541196100;
    int even2 = z1 - z3 * F_1_847759065;
    int even3 = z1 + z2 * F_0_765366865;
    int sum = ((b[r] + b[r + 4]) << CONST_BITS) + ROW_BIAS;
    int difference = ((b[r] - b[r + 4]) << CONST_BITS) + ROW_BIAS;
    int e0 = sum + even3;
    int e3 = sum - even3;
    int e1 = difference + even2;
    int e2 = difference - even2;

    int o0 = b[r + 7];
    int o1 = b[r + 5];
    int o2 = b[r + 3];
    int o3 = b[r + 1];
    int z5 = (o0 + o2 + o1 + o3) * F_1_175875602;
    z1 = (o0 + o3) * -F_0_899976223;
    z2 = (o1 + o2) * -F_2_562915447;
    z3 = (o0 + o2) * -F_1_961570560 + z5;
    int z4 = (o1 + o3) * -F_0_390180644 + z5;
    o0 = o0 * F_0_298631336 + z1 + z3;
    o1 = o1 * F_2_053119869 + z2 + z4;
    o2 = o2 * F_3_072711026 + z2 + z3;
    o3 = o3 * F_1_501321110 + z1 + z4;

    out[at] = clamp((e0 + o3) >> ROW_SHIFT);
    out[at + 1] = clamp((e1 + o2) >> ROW_SHIFT);
    out[at + 2] = clamp((e2 + o1) >> ROW_SHIFT);
    out[at + 3] = clamp((e3 + o0) >> ROW_SHIFT);
    out[at + 4] = clamp((e3 - o0) >> ROW_SHIFT);
    out[at + 5] = clamp((e2 - o1) >> ROW_SHIFT);
    out[at + 6] = clamp((e1 - o2) >> ROW_SHIFT);
    out[at + 7] = clamp((e0 - o3) >> ROW_SHIFT);
  }

  private static byte clamp(int sample) {
    // Rarely beyond, so that a branch is foretold.
    return (sample & ~255) == 0 ? (byte) sample : (byte) (~sample >> 31);
  }
}
