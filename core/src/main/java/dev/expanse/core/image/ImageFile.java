package dev.expanse.core.image;

import dev.expanse.core.image.jpeg.BaselineJpeg;
import dev.expanse.core.image.jpeg.UnsupportedJpegException;
import java.util.Locale;

/** A file whose image has a known size within limits, of which any part can be had. */
abstract class ImageFile {

  private final int width;
  private final int height;

  private ImageFile(int width, int height) {
    this.width = width;
    this.height = height;
  }

  static ImageFile of(byte[] bytes) throws ImageDecodeException {
    ImageFormat format = ImageFormat.of(bytes);
    format.requireComplete(bytes);
    if (format == ImageFormat.JPEG) {
      try {
        BaselineJpeg jpeg = BaselineJpeg.of(bytes);
        requireSize(jpeg.width(), jpeg.height());
        return new Partial(jpeg, bytes);
      } catch (UnsupportedJpegException e) {
        // The other reader knows more kinds, and the reasons why a file is none of them.
      }
    }
    return new Whole(StandardReaders.decode(format, bytes));
  }

  final int width() {
    return width;
  }

  final int height() {
    return height;
  }

  /** The pixels of a part of the image. */
  abstract RgbImage read(Region part) throws ImageDecodeException;

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

  /** An image that had to be decoded to the end. */
  private static final class Whole extends ImageFile {
    private final RgbImage image;

    Whole(RgbImage image) {
      super(image.width(), image.height());
      this.image = image;
    }

    @Override
    RgbImage read(Region part) {
      return image.crop(part.x(), part.y(), part.width(), part.height());
    }
  }

  /** An image that is decoded as far as needed. */
  private static final class Partial extends ImageFile {
    private final BaselineJpeg jpeg;
    private final byte[] bytes;

    Partial(BaselineJpeg jpeg, byte[] bytes) {
      super(jpeg.width(), jpeg.height());
      this.jpeg = jpeg;
      this.bytes = bytes;
    }

    @Override
    RgbImage read(Region part) throws ImageDecodeException {
      try {
        byte[] pixels = jpeg.decode(part.x(), part.y(), part.width(), part.height());
        return new RgbImage(part.width(), part.height(), pixels);
      } catch (UnsupportedJpegException e) {
        RgbImage whole = StandardReaders.decode(ImageFormat.JPEG, bytes);
        return whole.crop(part.x(), part.y(), part.width(), part.height());
      }
    }
  }
}
