package dev.expanse.bench;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * What {@code ImageIO.read} does when it keeps its cache in memory, with a reader that is named:
 * which of the two it would take depends on the class path.
 */
final class JpegReaders {
  private JpegReaders() {}

  /** The Java runtime's own, on libjpeg 6b. */
  static ImageReaderSpi jdk() {
    return provider("com.sun.imageio.plugins.jpeg.JPEGImageReaderSpi");
  }

  /** TwelveMonkeys', which hands the pixels to the runtime's and sees to the rest itself. */
  static ImageReaderSpi twelveMonkeys() {
    return provider("com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi");
  }

  static BufferedImage read(ImageReaderSpi provider, byte[] file) throws IOException {
    ImageReader reader = provider.createReaderInstance();
    try (ImageInputStream input = input(file)) {
      reader.setInput(input, true, true);
      return reader.read(0);
    } finally {
      reader.dispose();
    }
  }

  static ImageInputStream input(byte[] file) {
    return new MemoryCacheImageInputStream(new ByteArrayInputStream(file));
  }

  private static ImageReaderSpi provider(String className) {
    var providers =
        IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, false);
    while (providers.hasNext()) {
      var provider = providers.next();
      if (provider.getClass().getName().equals(className)) {
        return provider;
      }
    }
    throw new IllegalStateException("No " + className + " on the class path");
  }
}
