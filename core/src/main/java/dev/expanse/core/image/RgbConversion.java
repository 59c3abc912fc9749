package dev.expanse.core.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * Takes the samples out of what a reader returns as they are. {@link BufferedImage#getRGB} would
 * take grey ones for linear light and brighten them.
 */
final class RgbConversion {

  private static final int CHANNELS = RgbImage.CHANNELS;

  private RgbConversion() {}

  static RgbImage convert(BufferedImage image) {
    byte[] pixels = new byte[RgbImage.byteCount(image.getWidth(), image.getHeight())];
    if (image.getType() == BufferedImage.TYPE_3BYTE_BGR
        && image.getRaster().getDataBuffer() instanceof DataBufferByte buffer
        && buffer.getData().length == pixels.length) {
      reverse(buffer.getData(), pixels);
    } else if (image.getColorModel() instanceof IndexColorModel palette) {
      lookUp(image.getRaster(), palette, pixels);
    } else {
      convertSamples(image, pixels);
    }
    return new RgbImage(image.getWidth(), image.getHeight(), pixels);
  }

  private static void reverse(byte[] bgr, byte[] rgb) {
    for (int i = 0; i < rgb.length; i += CHANNELS) {
      rgb[i] = bgr[i + 2];
      rgb[i + 1] = bgr[i + 1];
      rgb[i + 2] = bgr[i];
    }
  }

  private static void lookUp(Raster raster, IndexColorModel palette, byte[] rgb) {
    byte[] colors = new byte[palette.getMapSize() * CHANNELS];
    for (int i = 0; i < palette.getMapSize(); i++) {
      int alpha = palette.getAlpha(i);
      colors[i * CHANNELS] = onWhite(palette.getRed(i), alpha);
      colors[i * CHANNELS + 1] = onWhite(palette.getGreen(i), alpha);
      colors[i * CHANNELS + 2] = onWhite(palette.getBlue(i), alpha);
    }
    int[] indices = new int[raster.getWidth()];
    int to = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getSamples(0, y, indices.length, 1, 0, indices);
      for (int index : indices) {
        System.arraycopy(colors, index * CHANNELS, rgb, to, CHANNELS);
        to += CHANNELS;
      }
    }
  }

  private static void convertSamples(BufferedImage image, byte[] rgb) {
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    boolean hasAlpha = image.getColorModel().hasAlpha();
    boolean grey = bands - (hasAlpha ? 1 : 0) == 1;
    int max = (1 << raster.getSampleModel().getSampleSize(0)) - 1;
    int[] row = new int[raster.getWidth() * bands];
    int to = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(0, y, raster.getWidth(), 1, row);
      for (int from = 0; from < row.length; from += bands) {
        int alpha = hasAlpha ? toEightBits(row[from + bands - 1], max) : 255;
        for (int channel = 0; channel < CHANNELS; channel++) {
          int sample = toEightBits(row[grey ? from : from + channel], max);
          rgb[to++] = onWhite(sample, alpha);
        }
      }
    }
  }

  private static int toEightBits(int sample, int max) {
    return max == 255 ? sample : (sample * 255 + max / 2) / max;
  }

  private static byte onWhite(int sample, int alpha) {
    return (byte) ((sample * alpha + 255 * (255 - alpha) + 127) / 255);
  }
}
