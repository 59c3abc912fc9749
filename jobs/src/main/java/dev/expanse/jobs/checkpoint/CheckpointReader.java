package dev.expanse.jobs.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;

/** Reads what {@link CheckpointWriter} wrote, and nothing that is not exactly that. */
final class CheckpointReader implements AutoCloseable {
  private final FSDataInputStream in;
  private final CRC32C checksum = new CRC32C();
  private final ByteBuffer chunk =
      ByteBuffer.allocate(CheckpointWriter.CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final CheckpointHeader header;

  /**
   * Opens a file and reads its header.
   *
   * @throws DamagedCheckpointException if the header is damaged, or the file's length is not what
   *     it says
   */
  CheckpointReader(FileSystem files, FileStatus file) throws IOException {
    in = files.open(file.getPath(), CheckpointWriter.CHUNK_BYTES);
    try {
      header = header(file.getLen());
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  CheckpointHeader header() {
    return header;
  }

  /**
   * Reads the arrays.
   *
   * @throws DamagedCheckpointException if one is damaged
   */
  Checkpoint read() throws IOException {
    var arrays = new LinkedHashMap<String, float[]>();
    for (var part : header.lengths().entrySet()) {
      var array = new float[part.getValue()];
      array(part.getKey(), array.length, array);
      arrays.put(part.getKey(), array);
    }
    return new Checkpoint(header.description(), header.round(), arrays);
  }

  /**
   * Reads the arrays and forgets them.
   *
   * @throws DamagedCheckpointException if one is damaged
   */
  void check() throws IOException {
    for (var part : header.lengths().entrySet()) {
      array(part.getKey(), part.getValue(), null);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private CheckpointHeader header(long fileBytes) throws IOException {
    int magic = CheckpointWriter.MAGIC.length;
    long around = magic + 2 * Integer.BYTES;
    if (fileBytes < around) {
      throw new DamagedCheckpointException("it has %d bytes".formatted(fileBytes));
    }
    content(magic + Integer.BYTES);
    if (!Arrays.equals(chunk.array(), 0, magic, CheckpointWriter.MAGIC, 0, magic)) {
      throw new DamagedCheckpointException("it does not begin as a checkpoint of this version");
    }
    int headerBytes = chunk.getInt(magic);
    if (headerBytes < 0 || headerBytes > fileBytes - around) {
      throw new DamagedCheckpointException("it ends within its header");
    }
    var bytes = new byte[headerBytes];
    fill(bytes, headerBytes);
    checksum.update(bytes);
    requireChecksum("header");
    var read = CheckpointHeader.decode(bytes);
    long expected = around + headerBytes;
    for (int floats : read.lengths().values()) {
      expected += (long) floats * Float.BYTES + Integer.BYTES;
    }
    if (fileBytes != expected) {
      throw new DamagedCheckpointException(
          "it has %d bytes, expected %d".formatted(fileBytes, expected));
    }
    return read;
  }

  /** Takes {@code length} numbers into {@code to}, unless that is null. */
  private void array(String name, int length, float[] to) throws IOException {
    int most = CheckpointWriter.CHUNK_BYTES / Float.BYTES;
    for (int done = 0; done < length; ) {
      int floats = Math.min(most, length - done);
      content(floats * Float.BYTES);
      if (to != null) {
        chunk.clear().asFloatBuffer().get(to, done, floats);
      }
      done += floats;
    }
    requireChecksum(name);
  }

  private void content(int bytes) throws IOException {
    fill(chunk.array(), bytes);
    checksum.update(chunk.array(), 0, bytes);
  }

  private void requireChecksum(String part) throws IOException {
    fill(chunk.array(), Integer.BYTES);
    if (chunk.getInt(0) != (int) checksum.getValue()) {
      throw new DamagedCheckpointException("the checksum of its part '" + part + "' is wrong");
    }
  }

  private void fill(byte[] bytes, int length) throws IOException {
    try {
      in.readFully(bytes, 0, length);
    } catch (EOFException | ChecksumException e) {
      throw new DamagedCheckpointException(String.valueOf(e.getMessage()), e);
    }
  }
}
