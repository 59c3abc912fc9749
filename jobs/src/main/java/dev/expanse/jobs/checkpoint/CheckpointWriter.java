package dev.expanse.jobs.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalDouble;
import java.util.zip.CRC32C;

/**
 * Writes a checkpoint's file, little-endian:
 *
 * <pre>
 * 8 bytes   "EXPANSE" and the format's version, 1
 * int32     bytes of the header
 *           the header ({@link CheckpointHeader})
 * int32     checksum
 *           and of each array:
 *           its numbers, float32
 * int32     checksum
 * </pre>
 *
 * A checksum is the CRC-32C (Castagnoli, 1993) of all that is before it, other checksums left out,
 * so that the last one vouches for the whole. The header says how long the file is.
 */
final class CheckpointWriter {
  static final byte[] MAGIC = "EXPANSE\1".getBytes(StandardCharsets.US_ASCII);
  static final int CHUNK_BYTES = 1 << 20;

  private final OutputStream out;
  private final CRC32C checksum = new CRC32C();
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  private CheckpointWriter(OutputStream out) {
    this.out = out;
  }

  /** Writes all of it, and leaves {@code out} open. */
  static void write(Checkpoint checkpoint, OptionalDouble score, OutputStream out)
      throws IOException {
    var writer = new CheckpointWriter(out);
    var header = CheckpointHeader.of(checkpoint, score).encoded();
    writer.content(MAGIC, MAGIC.length);
    writer.content(writer.integer(header.length), Integer.BYTES);
    writer.content(header, header.length);
    writer.checksum();
    for (var array : checkpoint.arrays().values()) {
      writer.floats(array);
      writer.checksum();
    }
  }

  private void floats(float[] array) throws IOException {
    int most = CHUNK_BYTES / Float.BYTES;
    for (int done = 0; done < array.length; ) {
      int floats = Math.min(most, array.length - done);
      chunk.clear().asFloatBuffer().put(array, done, floats);
      content(chunk.array(), floats * Float.BYTES);
      done += floats;
    }
  }

  private void content(byte[] bytes, int length) throws IOException {
    checksum.update(bytes, 0, length);
    out.write(bytes, 0, length);
  }

  private void checksum() throws IOException {
    out.write(integer((int) checksum.getValue()), 0, Integer.BYTES);
  }

  private byte[] integer(int value) {
    return chunk.clear().putInt(value).array();
  }
}
