package dev.expanse.core.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How the stored pixels of a photograph have to be turned to stand upright: the EXIF tag {@code
 * Orientation} (CIPA DC-008, 4.6.4). The names say what is done to the stored image.
 */
enum Orientation {
  UPRIGHT(false, false, false),
  MIRROR(false, true, false),
  TURN_HALF(false, true, true),
  MIRROR_DOWN(false, false, true),
  TRANSPOSE(true, false, false),
  TURN_RIGHT(true, false, true),
  TRANSVERSE(true, true, true),
  TURN_LEFT(true, true, false);

  private static final int TAG = 0x0112;
  private static final int SHORT = 3;
  private static final int HEADER_BYTES = 8;
  private static final int ENTRY_BYTES = 12;

  private final boolean transposed;
  private final boolean columnsReversed;
  private final boolean rowsReversed;

  /**
   * Whether a row of the upright image is a column of the stored one, and what is read backwards.
   */
  Orientation(boolean transposed, boolean columnsReversed, boolean rowsReversed) {
    this.transposed = transposed;
    this.columnsReversed = columnsReversed;
    this.rowsReversed = rowsReversed;
  }

  /**
   * Looks for the tag in the first directory of a TIFF structure; all else in it, which may be
   * large and is often damaged, is left alone.
   */
  static Orientation ofExif(byte[] file, int from, int to) {
    if (to - from < HEADER_BYTES + 2) {
      return UPRIGHT;
    }
    ByteBuffer tiff = ByteBuffer.wrap(file, from, to - from).slice();
    if (tiff.getShort(0) == 0x4949) {
      tiff.order(ByteOrder.LITTLE_ENDIAN);
    }
    int directory = tiff.getInt(4);
    if (directory < HEADER_BYTES || directory > tiff.limit() - 2) {
      return UPRIGHT;
    }
    int entries = tiff.getShort(directory) & 0xffff;
    int entry = directory + 2;
    for (int i = 0; i < entries && entry + ENTRY_BYTES <= tiff.limit(); i++) {
      if (tiff.getShort(entry) == TAG && tiff.getShort(entry + 2) == SHORT) {
        int value = tiff.getShort(entry + 8);
        return value >= 1 && value <= values().length ? values()[value - 1] : UPRIGHT;
      }
      entry += ENTRY_BYTES;
    }
    return UPRIGHT;
  }

  /** The width of the upright image, or its height if given the sides in the other order. */
  int side(int same, int other) {
    return transposed ? other : same;
  }

  /** Where a part of the upright image is stored, in an image stored with these sides. */
  Region stored(Region upright, int width, int height) {
    int x = transposed ? upright.y() : upright.x();
    int y = transposed ? upright.x() : upright.y();
    int w = transposed ? upright.height() : upright.width();
    int h = transposed ? upright.width() : upright.height();
    return new Region(columnsReversed ? width - x - w : x, rowsReversed ? height - y - h : y, w, h);
  }

  /** Turns a stored image upright. */
  RgbImage upright(RgbImage stored) {
    if (this == UPRIGHT) {
      return stored;
    }
    int width = side(stored.width(), stored.height());
    int height = side(stored.height(), stored.width());
    byte[] from = stored.pixels();
    byte[] to = new byte[from.length];
    int at = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int column = transposed ? y : x;
        int row = transposed ? x : y;
        column = columnsReversed ? stored.width() - 1 - column : column;
        row = rowsReversed ? stored.height() - 1 - row : row;
        int source = (row * stored.width() + column) * RgbImage.CHANNELS;
        to[at++] = from[source];
        to[at++] = from[source + 1];
        to[at++] = from[source + 2];
      }
    }
    return new RgbImage(width, height, to);
  }
}
