package dev.expanse.core.image.jpeg;

import java.util.Arrays;

/**
 * A Huffman code (ITU-T T.81, annex C and F.2.2) as a table of what the next bits mean.
 *
 * <p>An entry has, from its lowest bit: in 6 bits, of which Java's shifts take no more, the length
 * of a code and the value behind it; in 5 bits that of the code alone; in 4 bits that of the value
 * alone; and above by how many coefficients to go on.
 */
final class HuffmanTable {

  /** The bits that are looked up at once. */
  static final int LOOK_AHEAD = 10;

  static final int LENGTH_MASK = 63;
  static final int CODE_SHIFT = 6;
  static final int CODE_MASK = 31;
  static final int SIZE_SHIFT = 11;
  static final int SIZE_MASK = 15;
  static final int ADVANCE_SHIFT = 15;

  /** Goes on beyond the last coefficient: the end of the block. */
  static final int BEYOND = 64;

  private static final int MAX_LENGTH = 16;
  private static final int ZERO_RUN = 0xf0;

  /** By the next bits; 0 where the code is longer than those. */
  final int[] entries = new int[1 << LOOK_AHEAD];

  /** By the order of the codes. */
  private final int[] ordered;

  /** The first code of each length that is no code of it or shorter, in {@code MAX_LENGTH} bits. */
  private final int[] limit = new int[MAX_LENGTH + 1];

  /** What to add to a code of each length for its place in {@link #ordered}. */
  private final int[] offset = new int[MAX_LENGTH + 1];

  private HuffmanTable(int count) {
    ordered = new int[count];
  }

  /**
   * Reads a table.
   *
   * @param counts how many codes there are of 1, 2, ... 16 bits
   * @param symbols what the codes mean, in their order
   */
  static HuffmanTable of(byte[] counts, byte[] symbols, boolean dc)
      throws UnsupportedJpegException {
    HuffmanTable table = new HuffmanTable(symbols.length);
    int code = 0;
    int place = 0;
    for (int length = 1; length <= MAX_LENGTH; length++) {
      int count = counts[length - 1] & 0xff;
      table.offset[length] = place - code;
      for (int i = 0; i < count; i++) {
        int entry = entry(symbols[place] & 0xff, length, dc);
        table.ordered[place++] = entry;
        table.lookUp(entry, code++, length);
      }
      if (code > 1 << length) {
        throw new UnsupportedJpegException("more codes than there are");
      }
      table.limit[length] = code << (MAX_LENGTH - length);
      code <<= 1;
    }
    return table;
  }

  private static int entry(int symbol, int length, boolean dc) throws UnsupportedJpegException {
    int size = symbol & 15;
    int advance = (symbol >> 4) + 1;
    if (dc) {
      if (symbol > 15) {
        throw new UnsupportedJpegException("a difference of more than 15 bits");
      }
    } else if (size == 0 && symbol != ZERO_RUN) {
      // Runs other than 0 belong to progressive images; libjpeg ends the block there, too.
      advance = BEYOND;
    }
    return length + size | length << CODE_SHIFT | size << SIZE_SHIFT | advance << ADVANCE_SHIFT;
  }

  private void lookUp(int entry, int code, int length) {
    if (length > LOOK_AHEAD || code >= 1 << length) {
      return;
    }
    int free = LOOK_AHEAD - length;
    Arrays.fill(entries, code << free, (code + 1) << free, entry);
  }

  /** The entry of a code that may be longer than the look-ahead. */
  int find(int sixteenBits) throws UnsupportedJpegException {
    for (int length = 1; length <= MAX_LENGTH; length++) {
      if (sixteenBits < limit[length]) {
        return ordered[(sixteenBits >> (MAX_LENGTH - length)) + offset[length]];
      }
    }
    throw new UnsupportedJpegException("no such code");
  }
}
