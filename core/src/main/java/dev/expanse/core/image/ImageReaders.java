package dev.expanse.core.image;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import java.io.IOException;
import java.util.Iterator;
import java.util.Set;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.spi.ServiceRegistry;

/**
 * The readers used, whatever else is on the class path: TwelveMonkeys' for JPEG, the JDK's for PNG
 * and GIF.
 */
final class ImageReaders {

  private static final ImageReaderSpi JPEG = jpegProvider();
  private static final ImageReaderSpi PNG =
      jdkProvider("com.sun.imageio.plugins.png.PNGImageReaderSpi");
  private static final ImageReaderSpi GIF =
      jdkProvider("com.sun.imageio.plugins.gif.GIFImageReaderSpi");

  private ImageReaders() {}

  static ImageReader jpeg() throws IOException {
    return JPEG.createReaderInstance();
  }

  static ImageReader png() throws IOException {
    return PNG.createReaderInstance();
  }

  static ImageReader gif() throws IOException {
    return GIF.createReaderInstance();
  }

  private static ImageReaderSpi jpegProvider() {
    // ImageIO finds plugins only through the context class loader, which under Spark may not know
    // this application's jars. The plugin looks for the JDK's reader, which it builds on, in the
    // registry that it is put into: here one of its own, so that the JVM-wide one stays as it is.
    JPEGImageReaderSpi plugin = new JPEGImageReaderSpi();
    Set<Class<?>> categories = Set.of(ImageReaderSpi.class);
    ServiceRegistry registry = new ServiceRegistry(categories.iterator());
    registry.registerServiceProvider(
        jdkProvider("com.sun.imageio.plugins.jpeg.JPEGImageReaderSpi"), ImageReaderSpi.class);
    registry.registerServiceProvider(plugin, ImageReaderSpi.class);
    return plugin;
  }

  private static ImageReaderSpi jdkProvider(String className) {
    Iterator<ImageReaderSpi> providers =
        IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, false);
    while (providers.hasNext()) {
      ImageReaderSpi provider = providers.next();
      if (provider.getClass().getName().equals(className)) {
        return provider;
      }
    }
    throw new IllegalStateException("This Java runtime has no " + className);
  }
}
