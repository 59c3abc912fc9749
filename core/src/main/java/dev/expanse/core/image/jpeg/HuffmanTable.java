package dev.expanse.core.image.jpeg;

/**
 * A Huffman code (ITU-T T.81, annex C and F.2.2) as a table of what the next bits mean. A symbol is
 * mostly so short that its code and the value behind it lie within those bits; then the entry has
 * both.
 *
 * <p>An entry has, from its lowest bit: in 5 bits the length of code and value, in 4 bits that of
 * the value alone, in 7 bits by how many coefficients to go on, and in 16 bits the value, where it
 * is known and not zero.
 */
final class HuffmanTable {

  /** The bits that are looked up at once. */
  static final int LOOK_AHEAD = 10;

  static final int LENGTH_MASK = 31;
  static final int SIZE_SHIFT = 5;
  static final int SIZE_MASK = 15;
  static final int ADVANCE_SHIFT = 9;
  static final int ADVANCE_MASK = 127;
  static final int VALUE_SHIFT = 16;

  /** Goes on beyond the last coefficient: the end of the block. */
  static final int BEYOND = 64;

  private static final int MAX_LENGTH = 16;
  private static final int ZERO_RUN = 0xf0;

  /** By the next bits; 0 where the code is longer than those. */
  final int[] entries = new int[1 << LOOK_AHEAD];

  /** By the order of the codes, without values. */
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
    return length + size | size << SIZE_SHIFT | advance << ADVANCE_SHIFT;
  }

  private void lookUp(int entry, int code, int length) {
    if (length > LOOK_AHEAD || code >= 1 << length) {
      return;
    }
    int size = entry >> SIZE_SHIFT & SIZE_MASK;
    int free = LOOK_AHEAD - length;
    for (int rest = 0; rest < 1 << free; rest++) {
      int value = size > 0 && size <= free ? extend(rest >> (free - size), size) : 0;
      entries[code << free | rest] = entry | value << VALUE_SHIFT;
    }
  }

  /** The entry, without its value, of a code that may be longer than the look-ahead. */
  int find(int sixteenBits) throws UnsupportedJpegException {
    for (int length = 1; length <= MAX_LENGTH; length++) {
      if (sixteenBits < limit[length]) {
        return ordered[(sixteenBits >> (MAX_LENGTH - length)) + offset[length]];
      }
    }
    throw new UnsupportedJpegException("no such code");
  }

  /** A value of {@code size} bits, of which those with a first bit of 0 are negative (F.2.2.1). */
  static int extend(int bits, int size) {
    return bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
  }
}
