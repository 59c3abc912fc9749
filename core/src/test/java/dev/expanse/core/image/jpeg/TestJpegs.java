package dev.expanse.core.image.jpeg;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.plugins.jpeg.JPEGImageWriteParam;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import org.w3c.dom.NodeList;

/** JPEGs written and read by the JDK's libjpeg. */
final class TestJpegs {

  private static final String FORMAT = "javax_imageio_jpeg_image_1.0";

  /** How an image is written: how many times fewer samples of colour there are, and the rest. */
  record Style(int across, int down, double quality, int restartInterval, boolean optimized) {

    byte[] write(BufferedImage image) {
      ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
      JPEGImageWriteParam param = (JPEGImageWriteParam) writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality((float) quality);
      param.setOptimizeHuffmanTables(optimized);
      IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), param);
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      try (ImageOutputStream out = ImageIO.createImageOutputStream(file)) {
        metadata.setFromTree(FORMAT, edited((IIOMetadataNode) metadata.getAsTree(FORMAT)));
        writer.setOutput(out);
        writer.write(null, new IIOImage(image, null, metadata), param);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        writer.dispose();
      }
      return file.toByteArray();
    }

    private IIOMetadataNode edited(IIOMetadataNode tree) {
      NodeList components = tree.getElementsByTagName("componentSpec");
      if (components.getLength() == 3) {
        IIOMetadataNode luma = (IIOMetadataNode) components.item(0);
        luma.setAttribute("HsamplingFactor", String.valueOf(across));
        luma.setAttribute("VsamplingFactor", String.valueOf(down));
      }
      if (restartInterval > 0) {
        IIOMetadataNode dri = new IIOMetadataNode("dri");
        dri.setAttribute("interval", String.valueOf(restartInterval));
        tree.getElementsByTagName("markerSequence").item(0).appendChild(dri);
      }
      return tree;
    }
  }

  private TestJpegs() {}

  /** Waves with some noise and hard edges on them, so that there are blocks of every kind. */
  static BufferedImage scene(int width, int height, int type, long seed) {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(width, height, type);
    double frequency = 0.02 + random.nextDouble() * 0.3;
    int noise = 1 + random.nextInt(80);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = 0;
        for (int channel = 0; channel < 3; channel++) {
          double wave = 128 + 127 * Math.sin((x + channel * y) * frequency + channel * y * 0.05);
          int level = (int) wave + random.nextInt(noise) - noise / 2;
          level = (x / 9 + y / 7) % 5 == 0 ? random.nextInt(2) * 255 : level;
          level = (x / 20 + y / 20) % 4 == 1 ? 90 + 30 * channel : level;
          rgb = rgb << 8 | Math.max(0, Math.min(255, level));
        }
        image.setRGB(x, y, rgb);
      }
    }
    return image;
  }

  /** What the JDK makes of a file: red, green and blue of each pixel, row by row. */
  static byte[] decodeByJdk(byte[] file) {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("jpeg");
    ImageReader reader = readers.next();
    while (!reader.getClass().getName().startsWith("com.sun.imageio")) {
      reader = readers.next();
    }
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(file))) {
      reader.setInput(in);
      Raster raster = reader.read(0).getRaster();
      byte[] rgb = new byte[raster.getWidth() * raster.getHeight() * 3];
      for (int i = 0; i < rgb.length; i++) {
        int pixel = i / 3;
        int band = raster.getNumBands() == 1 ? 0 : i % 3;
        rgb[i] =
            (byte) raster.getSample(pixel % raster.getWidth(), pixel / raster.getWidth(), band);
      }
      return rgb;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      reader.dispose();
    }
  }
}
