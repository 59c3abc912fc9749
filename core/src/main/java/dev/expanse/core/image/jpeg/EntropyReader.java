package dev.expanse.core.image.jpeg;

import static dev.expanse.core.image.jpeg.HuffmanTable.ADVANCE_MASK;
import static dev.expanse.core.image.jpeg.HuffmanTable.ADVANCE_SHIFT;
import static dev.expanse.core.image.jpeg.HuffmanTable.BEYOND;
import static dev.expanse.core.image.jpeg.HuffmanTable.LENGTH_MASK;
import static dev.expanse.core.image.jpeg.HuffmanTable.LOOK_AHEAD;
import static dev.expanse.core.image.jpeg.HuffmanTable.SIZE_MASK;
import static dev.expanse.core.image.jpeg.HuffmanTable.SIZE_SHIFT;
import static dev.expanse.core.image.jpeg.HuffmanTable.VALUE_SHIFT;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Reads the entropy-coded blocks of a scan, one after another. */
final class EntropyReader {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final int FIRST_RESTART = 0xd0;
  private static final int END_OF_IMAGE = 0xd9;

  /** The most bits of a code and its value together. */
  private static final int MOST_BITS = 31;

  /**
   * Where the coefficients stand in a block, in the order in which they are stored (figure A.6).
   */
  private static final int[] ZIGZAG = {
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63
  };

  private final byte[] data;
  private int position;

  /** The next bits, from the highest on; those behind the first {@link #count} are not valid. */
  private long bits;

  private int count;

  /** How many of the bits are zeros made up behind the data's end. */
  private int madeUp;

  EntropyReader(byte[] data, int position) {
    this.data = data;
    this.position = position;
  }

  /** Makes at least {@link #MOST_BITS} bits ready. */
  private void fill() {
    if (position <= data.length - Long.BYTES) {
      long next = (long) LONGS.get(data, position);
      if (!hasMarkerByte(next)) {
        // Whole bytes only; the bits of the next one that are set too are set again, alike.
        bits |= next >>> count;
        position += (63 - count) >> 3;
        count |= 56;
        return;
      }
    }
    fillByBytes();
  }

  private static boolean hasMarkerByte(long bytes) {
    long inverted = ~bytes;
    return ((inverted - 0x0101010101010101L) & ~inverted & 0x8080808080808080L) != 0;
  }

  private void fillByBytes() {
    if (count > 0) {
      bits &= -1L << (64 - count);
    } else {
      bits = 0;
    }
    while (count <= 56) {
      int next = position < data.length ? data[position] & 0xff : 0xff;
      if (next != 0xff) {
        position++;
      } else if (position + 1 < data.length && data[position + 1] == 0) {
        position += 2;
      } else {
        next = 0;
        madeUp += 8;
      }
      bits |= (long) next << (56 - count);
      count += 8;
    }
  }

  /** Reads a block's first number, the difference of its mean from that of the block before. */
  int difference(HuffmanTable table) throws UnsupportedJpegException {
    if (count < MOST_BITS) {
      fill();
    }
    int entry = table.entries[(int) (bits >>> (64 - LOOK_AHEAD))];
    if (entry == 0) {
      entry = table.find((int) (bits >>> 48));
    }
    int value = value(entry, bits);
    int length = entry & LENGTH_MASK;
    bits <<= length;
    count -= length;
    return value;
  }

  private static int value(int entry, long bits) {
    int known = entry >> VALUE_SHIFT;
    int size = entry >> SIZE_SHIFT & SIZE_MASK;
    if (known != 0 || size == 0) {
      return known;
    }
    int codeLength = (entry & LENGTH_MASK) - size;
    return HuffmanTable.extend((int) (bits << codeLength >>> (64 - size)), size);
  }

  /**
   * Reads a block's other coefficients into {@code block}, which is all zeros before, multiplied by
   * {@code steps}, which are in the order of storage.
   *
   * @return the columns that are not zero below their first row, or right of the first column: bit
   *     {@code 1 << column}; 0 if there are no other coefficients
   */
  int coefficients(HuffmanTable table, int[] steps, int[] block) throws UnsupportedJpegException {
    int[] entries = table.entries;
    int columns = 0;
    int k = 0;
    do {
      if (count < MOST_BITS) {
        fill();
      }
      int entry = entries[(int) (bits >>> (64 - LOOK_AHEAD))];
      if (entry == 0) {
        entry = table.find((int) (bits >>> 48));
      }
      k += entry >> ADVANCE_SHIFT & ADVANCE_MASK;
      if (k > 63) {
        requireEnd(entry);
      } else {
        int at = ZIGZAG[k];
        int value = value(entry, bits);
        block[at] = value * steps[k];
        columns |= 1 << (at & 7);
      }
      int length = entry & LENGTH_MASK;
      bits <<= length;
      count -= length;
    } while (k < 63);
    return columns;
  }

  /** Passes over a block's other coefficients. */
  void skipCoefficients(HuffmanTable table) throws UnsupportedJpegException {
    int[] entries = table.entries;
    int k = 0;
    do {
      if (count < MOST_BITS) {
        fill();
      }
      int entry = entries[(int) (bits >>> (64 - LOOK_AHEAD))];
      if (entry == 0) {
        entry = table.find((int) (bits >>> 48));
      }
      k += entry >> ADVANCE_SHIFT & ADVANCE_MASK;
      if (k > 63) {
        requireEnd(entry);
      }
      int length = entry & LENGTH_MASK;
      bits <<= length;
      count -= length;
    } while (k < 63);
  }

  private static void requireEnd(int entry) throws UnsupportedJpegException {
    if ((entry >> ADVANCE_SHIFT & ADVANCE_MASK) != BEYOND) {
      throw new UnsupportedJpegException("more than 64 coefficients");
    }
  }

  /** Passes over the restart marker of this number, before which nothing may be left over. */
  void restart(int number) throws UnsupportedJpegException {
    requireMarker(FIRST_RESTART + number);
    position += 2;
    bits = 0;
    count = 0;
    madeUp = 0;
  }

  /** Checks that the image ends here. */
  void requireEnd() throws UnsupportedJpegException {
    requireMarker(END_OF_IMAGE);
  }

  /** Checks that what was read until now was there. */
  void requireNothingMadeUp() throws UnsupportedJpegException {
    if (count < madeUp) {
      throw new UnsupportedJpegException("the data end too early");
    }
  }

  private void requireMarker(int marker) throws UnsupportedJpegException {
    requireNothingMadeUp();
    boolean there =
        count - madeUp < 8
            && position + 1 < data.length
            && data[position] == (byte) 0xff
            && data[position + 1] == (byte) marker;
    if (!there) {
      throw new UnsupportedJpegException("no marker where it was expected");
    }
  }
}
