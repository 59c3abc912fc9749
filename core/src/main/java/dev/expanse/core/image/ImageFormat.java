package dev.expanse.core.image;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import javax.imageio.ImageReader;

/** The formats that are decoded, told apart by how a file begins. */
enum ImageFormat {
  JPEG(0xff, 0xd8, 0xff) {
    @Override
    ImageReader reader() throws IOException {
      return ImageReaders.jpeg();
    }

    /** Follows the markers to the end of the image: readers make up what is missing before it. */
    @Override
    void requireComplete(byte[] file) throws ImageDecodeException {
      int position = 2;
      while (true) {
        while (position < file.length && file[position] != (byte) 0xff) {
          position++;
        }
        while (position < file.length && file[position] == (byte) 0xff) {
          position++;
        }
        if (position >= file.length) {
          throw new ImageDecodeException("truncated JPEG: it has no end-of-image marker");
        }
        int marker = file[position++] & 0xff;
        if (marker == JPEG_END) {
          return;
        }
        if (!standsAlone(marker) && position + 2 <= file.length) {
          position += (file[position] & 0xff) << 8 | (file[position + 1] & 0xff);
        }
      }
    }
  },

  PNG(0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n') {
    @Override
    ImageReader reader() throws IOException {
      return ImageReaders.png();
    }

    /** Follows the chunks to the last one: the reader neither looks for it nor checks the sums. */
    @Override
    void requireComplete(byte[] file) throws ImageDecodeException {
      ByteBuffer chunks = ByteBuffer.wrap(file).position(8);
      String name;
      do {
        int length = chunks.remaining() < 12 ? Integer.MAX_VALUE : chunks.getInt();
        if (length < 0 || length > chunks.remaining() - 8) {
          throw new ImageDecodeException("truncated PNG: it has no end chunk");
        }
        int start = chunks.position();
        name = new String(file, start, 4, StandardCharsets.US_ASCII);
        CRC32 sum = new CRC32();
        sum.update(file, start, 4 + length);
        if (chunks.position(start + 4 + length).getInt() != (int) sum.getValue()) {
          throw new ImageDecodeException("corrupt PNG: wrong checksum of a chunk " + name);
        }
      } while (!name.equals("IEND"));
    }
  },

  GIF('G', 'I', 'F', '8') {
    @Override
    ImageReader reader() throws IOException {
      return ImageReaders.gif();
    }

    /** Follows the blocks to the end of the first image, the only one that is decoded. */
    @Override
    void requireComplete(byte[] file) throws ImageDecodeException {
      ByteBuffer blocks = ByteBuffer.wrap(file);
      try {
        skipColors(blocks.position(10), 2);
        int kind = blocks.get();
        while (kind == GIF_EXTENSION) {
          blocks.get();
          skipData(blocks);
          kind = blocks.get();
        }
        if (kind != GIF_IMAGE) {
          throw new ImageDecodeException("corrupt GIF: it has no image");
        }
        skipColors(blocks.position(blocks.position() + 8), 0);
        blocks.get();
        skipData(blocks);
      } catch (BufferUnderflowException | IllegalArgumentException e) {
        throw new ImageDecodeException("truncated GIF: its first image does not end", e);
      }
    }

    /** Passes over flags, {@code more} bytes and the table of colours that the flags tell of. */
    private void skipColors(ByteBuffer blocks, int more) {
      int flags = blocks.get();
      int colors = (flags & 0x80) == 0 ? 0 : 2 << (flags & 7);
      blocks.position(blocks.position() + more + colors * RgbImage.CHANNELS);
    }

    private void skipData(ByteBuffer blocks) {
      int length = blocks.get() & 0xff;
      while (length > 0) {
        blocks.position(blocks.position() + length);
        length = blocks.get() & 0xff;
      }
    }
  };

  private static final int JPEG_END = 0xd9;
  private static final int GIF_EXTENSION = 0x21;
  private static final int GIF_IMAGE = 0x2c;

  private final byte[] signature;

  ImageFormat(int... signature) {
    this.signature = new byte[signature.length];
    for (int i = 0; i < signature.length; i++) {
      this.signature[i] = (byte) signature[i];
    }
  }

  abstract ImageReader reader() throws IOException;

  /** Refuses a file that ends too early. */
  abstract void requireComplete(byte[] file) throws ImageDecodeException;

  static ImageFormat of(byte[] file) throws ImageDecodeException {
    if (file.length == 0) {
      throw new ImageDecodeException("empty file");
    }
    for (ImageFormat format : values()) {
      int compared = Math.min(file.length, format.signature.length);
      if (Arrays.equals(file, 0, compared, format.signature, 0, compared)) {
        if (compared < format.signature.length) {
          throw new ImageDecodeException(
              "truncated %s: %d bytes in all".formatted(format, file.length));
        }
        return format;
      }
    }
    throw new ImageDecodeException("not a JPEG, PNG or GIF image: begins with " + beginning(file));
  }

  private static String beginning(byte[] file) {
    byte[] bytes = Arrays.copyOf(file, Math.min(file.length, 8));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    boolean printable = text.chars().allMatch(c -> c >= ' ' && c <= '~');
    return printable ? '"' + text + '"' : HexFormat.ofDelimiter(" ").formatHex(bytes);
  }

  /** Stuffed zeros, restarts and another beginning, after which there is no length. */
  private static boolean standsAlone(int marker) {
    return marker == 0 || marker == 1 || (marker >= 0xd0 && marker <= 0xd8);
  }
}
