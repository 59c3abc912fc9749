package dev.expanse.core.image.jpeg;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The entropy-coded data between two markers, without the zeros that are stuffed behind bytes of
 * 0xff (ITU-T T.81, B.1.1.5), so that bits can be taken out of them many at a time.
 */
final class EntropyData {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final byte MARKER = (byte) 0xff;

  /** Zeros behind the data, which are looked at ahead of what is read. */
  private static final int PADDING = 2 * Long.BYTES;

  private final byte[] file;
  private final byte[] bytes;
  private int position;
  private int length;

  EntropyData(byte[] file, int position) {
    this.file = file;
    this.position = position - 2;
    this.bytes = new byte[file.length - position + PADDING];
  }

  /**
   * Passes over a marker, of two bytes, and goes on to the next one or to the file's end.
   *
   * @return the bytes between them, with zeros behind, valid until the next call
   */
  byte[] next() {
    int from = position + 2;
    position = find(from);
    length = 0;
    while (position + 1 < file.length && file[position + 1] == 0) {
      append(from, position + 1);
      from = position + 2;
      position = find(from);
    }
    append(from, position);
    Arrays.fill(bytes, length, length + PADDING, (byte) 0);
    return bytes;
  }

  private void append(int from, int to) {
    System.arraycopy(file, from, bytes, length, to - from);
    length += to - from;
  }

  /** Where the first byte of 0xff is, or the file's length. */
  private int find(int start) {
    int at = start;
    while (at <= file.length - Long.BYTES && !hasMarker((long) LONGS.get(file, at))) {
      at += Long.BYTES;
    }
    while (at < file.length && file[at] != MARKER) {
      at++;
    }
    return at;
  }

  private static boolean hasMarker(long eight) {
    long inverted = ~eight;
    return ((inverted - 0x0101010101010101L) & ~inverted & 0x8080808080808080L) != 0;
  }

  /** How many bytes there are between the markers. */
  int length() {
    return length;
  }

  /** The second byte of the marker behind them, or -1 where the file ends. */
  int marker() {
    return position + 1 < file.length ? file[position + 1] & 0xff : -1;
  }
}
