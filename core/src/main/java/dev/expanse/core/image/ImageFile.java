package dev.expanse.core.image;

import java.util.Locale;

/** A file whose image has a known size within limits, of which any part can be had. */
final class ImageFile {

  private final RgbImage image;

  private ImageFile(RgbImage image) {
    this.image = image;
  }

  static ImageFile of(byte[] bytes) throws ImageDecodeException {
    ImageFormat format = ImageFormat.of(bytes);
    format.requireComplete(bytes);
    return new ImageFile(StandardReaders.decode(format, bytes));
  }

  int width() {
    return image.width();
  }

  int height() {
    return image.height();
  }

  /** The pixels of a part of the image. */
  RgbImage read(Region part) throws ImageDecodeException {
    return image.crop(part.x(), part.y(), part.width(), part.height());
  }

  static void requireSize(int width, int height) throws ImageDecodeException {
    if (width < 1 || height < 1) {
      throw new ImageDecodeException("%d x %d pixels".formatted(width, height));
    }
    if ((long) width * height > ImageDecoder.MAX_PIXELS) {
      throw new ImageDecodeException(
          String.format(
              Locale.ROOT,
              "%,d x %,d pixels, more than the limit of %,d",
              width,
              height,
              ImageDecoder.MAX_PIXELS));
    }
  }
}
