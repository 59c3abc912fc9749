package dev.expanse.core.image.jpeg;

import static dev.expanse.core.image.jpeg.HuffmanTable.ADVANCE_SHIFT;
import static dev.expanse.core.image.jpeg.HuffmanTable.BEYOND;
import static dev.expanse.core.image.jpeg.HuffmanTable.CODE_MASK;
import static dev.expanse.core.image.jpeg.HuffmanTable.CODE_SHIFT;
import static dev.expanse.core.image.jpeg.HuffmanTable.LENGTH_MASK;
import static dev.expanse.core.image.jpeg.HuffmanTable.LOOK_AHEAD;
import static dev.expanse.core.image.jpeg.HuffmanTable.SIZE_MASK;
import static dev.expanse.core.image.jpeg.HuffmanTable.SIZE_SHIFT;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads the entropy-coded blocks of a scan, one after another.
 *
 * <p>Here most of the time of decoding goes, and its branches are hard to foretell; so there are
 * few. Bits are made ready before each code, whether there are enough or not, and a value is
 * computed whether there is one or not.
 */
final class EntropyReader {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final int FIRST_RESTART = 0xd0;
  private static final int END_OF_IMAGE = 0xd9;
  private static final String EARLY_END = "the data end too early";

  /**
   * Where the coefficients stand in a block, in the order in which they are stored (figure A.6).
   */
  private static final int[] ZIGZAG = {
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63
  };

  /** The bits of column and row, see {@link #coefficients}. */
  private static final int[] OCCUPIED = new int[64];

  static {
    for (int k = 0; k < 64; k++) {
      OCCUPIED[k] = 1 << (ZIGZAG[k] & 7) | 256 << (ZIGZAG[k] >> 3);
    }
  }

  private final EntropyData data;
  private byte[] bytes;
  private int position;

  /**
   * The next bits, from the highest on; behind the first {@link #ready} they may be set already.
   */
  private long bits;

  private int ready;

  EntropyReader(EntropyData data) {
    this.data = data;
    this.bytes = data.next();
  }

  /** Reads a block's first number, the difference of its mean from that of the block before. */
  int difference(HuffmanTable table) throws UnsupportedJpegException {
    requireBytes(bytes, position);
    bits |= (long) LONGS.get(bytes, position) >>> ready;
    position += (63 - ready) >> 3;
    ready |= 56;
    int entry = table.entries[(int) (bits >>> (64 - LOOK_AHEAD))];
    if (entry == 0) {
      entry = table.find((int) (bits >>> 48));
    }
    int value = value(entry, bits);
    bits <<= entry;
    ready -= entry & LENGTH_MASK;
    return value;
  }

  /**
   * A value, of which those with a first bit of 0 are negative (F.2.2.1); 0 where there is none.
   */
  private static int value(int entry, long bits) {
    long fromValue = bits << (entry >> CODE_SHIFT & CODE_MASK);
    int size = entry >> SIZE_SHIFT & SIZE_MASK;
    int unsigned = (int) (fromValue >>> 1 >>> (63 - size));
    int ifNegative = (int) (~fromValue >> 63);
    return unsigned + (ifNegative & ((-1 << size) + 1));
  }

  /**
   * Reads a block's other coefficients into {@code block}, which is all zeros before, multiplied by
   * {@code steps}, which are in the order of storage.
   *
   * @return where there are others than zeros: bit {@code 1 << column} and bit {@code 256 << row}
   *     are set if there may be any in that column and in that row
   */
  int coefficients(HuffmanTable table, int[] steps, int[] block) throws UnsupportedJpegException {
    int[] entries = table.entries;
    byte[] in = bytes;
    int at = position;
    long next = bits;
    int count = ready;
    int occupied = 0;
    int k = 0;
    do {
      requireBytes(in, at);
      next |= (long) LONGS.get(in, at) >>> count;
      at += (63 - count) >> 3;
      count |= 56;
      int entry = entries[(int) (next >>> (64 - LOOK_AHEAD))];
      if (entry == 0) {
        entry = table.find((int) (next >>> 48));
      }
      k += entry >> ADVANCE_SHIFT;
      if (k > 63) {
        requireEnd(entry);
      } else {
        block[ZIGZAG[k]] = value(entry, next) * steps[k];
        occupied |= OCCUPIED[k];
      }
      next <<= entry;
      count -= entry & LENGTH_MASK;
    } while (k < 63);
    position = at;
    bits = next;
    ready = count;
    return occupied;
  }

  /** Passes over a block's other coefficients. */
  void skipCoefficients(HuffmanTable table) throws UnsupportedJpegException {
    int[] entries = table.entries;
    byte[] in = bytes;
    int at = position;
    long next = bits;
    int count = ready;
    int k = 0;
    do {
      requireBytes(in, at);
      next |= (long) LONGS.get(in, at) >>> count;
      at += (63 - count) >> 3;
      count |= 56;
      int entry = entries[(int) (next >>> (64 - LOOK_AHEAD))];
      if (entry == 0) {
        entry = table.find((int) (next >>> 48));
      }
      k += entry >> ADVANCE_SHIFT;
      if (k > 63) {
        requireEnd(entry);
      }
      next <<= entry;
      count -= entry & LENGTH_MASK;
    } while (k < 63);
    position = at;
    bits = next;
    ready = count;
  }

  private static void requireBytes(byte[] in, int at) throws UnsupportedJpegException {
    if (at > in.length - Long.BYTES) {
      throw new UnsupportedJpegException(EARLY_END);
    }
  }

  private static void requireEnd(int entry) throws UnsupportedJpegException {
    if (entry >> ADVANCE_SHIFT != BEYOND) {
      throw new UnsupportedJpegException("more than 64 coefficients");
    }
  }

  /** Passes over the restart marker of this number, before which nothing may be left over. */
  void restart(int number) throws UnsupportedJpegException {
    requireMarker(FIRST_RESTART + number);
    bytes = data.next();
    position = 0;
    bits = 0;
    ready = 0;
  }

  /** Checks that the image ends here. */
  void requireEnd() throws UnsupportedJpegException {
    requireMarker(END_OF_IMAGE);
  }

  /** Checks that all that was read was there. */
  void requireNothingMissing() throws UnsupportedJpegException {
    if (left() < 0) {
      throw new UnsupportedJpegException(EARLY_END);
    }
  }

  private void requireMarker(int marker) throws UnsupportedJpegException {
    requireNothingMissing();
    if (left() > 7 || data.marker() != marker) {
      throw new UnsupportedJpegException("no marker where it was expected");
    }
  }

  /** The bits that are left of the interval, negative if more were read than there were. */
  private long left() {
    return 8L * (data.length() - position) + ready;
  }
}
