package dev.expanse.core.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import javax.imageio.ImageIO;

/** Images that tests are made of. */
final class TestImages {

  /** The colours of the quarters of the 16 x 16 pictures among the resources, row by row. */
  static final int[][] QUARTERS = {{200, 30, 40}, {30, 160, 60}, {40, 60, 190}, {230, 225, 180}};

  private TestImages() {}

  static byte[] resource(String name) {
    try (InputStream in = TestImages.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] encode(BufferedImage image, String format) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, file)) {
        throw new IllegalArgumentException("Nothing writes this image as " + format);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file.toByteArray();
  }

  /** A JPEG of noise, most of which is entropy-coded data. */
  static byte[] noiseJpeg(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(5);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    return encode(image, "jpg");
  }

  /** The JPEG with another segment in front of all others but the first, JFIF's. */
  static byte[] withSegment(byte[] jpeg, int marker, byte[] content) {
    int at = 4 + ((jpeg[4] & 0xff) << 8 | (jpeg[5] & 0xff));
    ByteBuffer file = ByteBuffer.allocate(jpeg.length + 4 + content.length).put(jpeg, 0, at);
    file.put((byte) 0xff).put((byte) marker).putShort((short) (2 + content.length)).put(content);
    return file.put(jpeg, at, jpeg.length - at).array();
  }

  /** An EXIF block with the tag Orientation alone, in one of the two orders of bytes. */
  static byte[] exif(int orientation, ByteOrder order) {
    ByteBuffer exif = ByteBuffer.allocate(6 + 8 + 2 + 12 + 4).put("Exif\0\0".getBytes());
    exif.put((order == ByteOrder.BIG_ENDIAN ? "MM" : "II").getBytes()).order(order);
    exif.putShort((short) 42).putInt(8).putShort((short) 1);
    exif.putShort((short) 0x112).putShort((short) 3).putInt(1).putShort((short) orientation);
    return exif.array();
  }

  /** An image whose pixels all differ from their neighbours, in every channel. */
  static RgbImage pattern(int width, int height) {
    byte[] pixels = new byte[width * height * 3];
    int to = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int channel = 0; channel < 3; channel++) {
          pixels[to++] = (byte) (x * 37 + y * y * 11 + channel * 83 + (x * y) % 7 * 19);
        }
      }
    }
    return new RgbImage(width, height, pixels);
  }

  static RgbImage uniform(int width, int height, int red, int green, int blue) {
    byte[] pixels = new byte[width * height * 3];
    for (int i = 0; i < pixels.length; i += 3) {
      pixels[i] = (byte) red;
      pixels[i + 1] = (byte) green;
      pixels[i + 2] = (byte) blue;
    }
    return new RgbImage(width, height, pixels);
  }

  static int[] pixel(RgbImage image, int x, int y) {
    int at = (y * image.width() + x) * 3;
    byte[] pixels = image.pixels();
    return new int[] {pixels[at] & 0xff, pixels[at + 1] & 0xff, pixels[at + 2] & 0xff};
  }

  static int[] values(RgbImage image) {
    int[] values = new int[image.pixels().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = image.pixels()[i] & 0xff;
    }
    return values;
  }
}
