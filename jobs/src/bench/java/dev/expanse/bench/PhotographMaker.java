package dev.expanse.bench;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.metadata.IIOMetadata;
import org.w3c.dom.Element;

/**
 * Makes JPEG files that cost a decoder about as much as ImageNet's photographs: 500 x 375 pixels,
 * 110 KB, three of four with colour at full resolution, the others at half (4:2:0), one of five
 * with a colour profile, which some readers convert by. They are noise whose amplitude falls with
 * frequency as in photographs, with some hard edges.
 */
final class PhotographMaker {
  private static final int LONGER = 500;
  private static final int SHORTER = 375;
  private static final int LARGEST_WAVE = 256;
  private static final int EDGES = 6;
  private static final int CHANNELS = 3;

  /** Of luminance and of the two colour differences, in levels. */
  private static final double[] CONTRAST = {95, 22, 22};

  /** The power of the wavelength that a wave's amplitude is in proportion to. */
  private static final double FALL = 0.52;

  private static final float QUALITY = 0.96f;

  private PhotographMaker() {}

  /** The photograph of that number: always the same bytes on the same Java runtime. */
  static byte[] make(int number) throws IOException {
    boolean upright = number % 5 == 0;
    boolean fullColor = number % 4 != 3;
    var random = new SplittableRandom(number);
    int width = upright ? SHORTER : LONGER;
    int height = upright ? LONGER : SHORTER;
    var file = encode(paint(width, height, random), fullColor);
    return number % 5 == 1 ? withProfile(file) : file;
  }

  private static BufferedImage paint(int width, int height, RandomGenerator random) {
    var fields = new float[CHANNELS][width * height];
    for (int channel = 0; channel < CHANNELS; channel++) {
      for (int wave = LARGEST_WAVE; wave >= 1; wave /= 2) {
        double amplitude = CONTRAST[channel] * Math.pow((double) wave / LARGEST_WAVE, FALL);
        addNoise(fields[channel], width, height, wave, amplitude, random);
      }
    }
    for (int edge = 0; edge < EDGES; edge++) {
      addDisc(fields, width, height, random);
    }
    return toRgb(fields, width, height);
  }

  /** Adds random values on a grid of that spacing, linear in between. */
  private static void addNoise(
      float[] field, int width, int height, int spacing, double amplitude, RandomGenerator random) {
    int columns = width / spacing + 2;
    var grid = new float[columns * (height / spacing + 2)];
    for (int i = 0; i < grid.length; i++) {
      grid[i] = (float) (amplitude * (2 * random.nextDouble() - 1));
    }
    for (int y = 0; y < height; y++) {
      float down = (float) (y % spacing) / spacing;
      for (int x = 0; x < width; x++) {
        float across = (float) (x % spacing) / spacing;
        int at = y / spacing * columns + x / spacing;
        float top = grid[at] + across * (grid[at + 1] - grid[at]);
        float bottom = grid[at + columns] + across * (grid[at + columns + 1] - grid[at + columns]);
        field[y * width + x] += top + down * (bottom - top);
      }
    }
  }

  /** Makes a disc of random place and size lighter or darker, and of another colour. */
  private static void addDisc(float[][] fields, int width, int height, RandomGenerator random) {
    double centerX = width * random.nextDouble();
    double centerY = height * random.nextDouble();
    double radius = SHORTER * (0.05 + 0.25 * random.nextDouble());
    for (int channel = 0; channel < CHANNELS; channel++) {
      float change = (float) (CONTRAST[channel] * (2 * random.nextDouble() - 1));
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          if (Math.hypot(x - centerX, y - centerY) < radius) {
            fields[channel][y * width + x] += change;
          }
        }
      }
    }
  }

  private static BufferedImage toRgb(float[][] fields, int width, int height) {
    var image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    for (int i = 0; i < width * height; i++) {
      float light = 118 + fields[0][i];
      float blue = fields[1][i];
      float red = fields[2][i];
      int rgb =
          level(light + 1.4f * red) << 16
              | level(light - 0.34f * blue - 0.71f * red) << 8
              | level(light + 1.77f * blue);
      image.setRGB(i % width, i / width, rgb);
    }
    return image;
  }

  private static int level(float value) {
    return Math.max(0, Math.min(255, Math.round(value)));
  }

  private static byte[] encode(BufferedImage image, boolean fullColor) throws IOException {
    var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    var out = new ByteArrayOutputStream();
    try (var stream = ImageIO.createImageOutputStream(out)) {
      var param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(QUALITY);
      var metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), param);
      if (fullColor) {
        sampleColorFully(metadata);
      }
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, metadata), param);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  /** The writer halves colour unless the luminance's sampling factors say that it is equal. */
  private static void sampleColorFully(IIOMetadata metadata) throws IOException {
    var format = metadata.getNativeMetadataFormatName();
    var root = (Element) metadata.getAsTree(format);
    var luminance = (Element) root.getElementsByTagName("componentSpec").item(0);
    luminance.setAttribute("HsamplingFactor", "1");
    luminance.setAttribute("VsamplingFactor", "1");
    metadata.setFromTree(format, root);
  }

  /** With the sRGB profile in a segment of its own behind the first one, which is JFIF's. */
  private static byte[] withProfile(byte[] file) {
    byte[] name = "ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII);
    byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_sRGB).getData();
    int jfifEnd = 4 + ByteBuffer.wrap(file).getShort(4);
    int length = 2 + name.length + 2 + profile.length;
    return ByteBuffer.allocate(file.length + 2 + length)
        .put(file, 0, jfifEnd)
        .putShort((short) 0xffe2)
        .putShort((short) length)
        .put(name)
        .put(new byte[] {1, 1}) // the first of one part
        .put(profile)
        .put(file, jfifEnd, file.length - jfifEnd)
        .array();
  }
}
