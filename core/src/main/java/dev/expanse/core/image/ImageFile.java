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
    if (format != ImageFormat.JPEG) {
      return new Whole(StandardReaders.decode(format, bytes));
    }
    JpegMetadata metadata = JpegMetadata.of(bytes);
    if (metadata.profile() != null) {
      try {
        BaselineJpeg jpeg = BaselineJpeg.of(bytes);
        requireSize(jpeg.width(), jpeg.height());
        return new Partial(jpeg, metadata, bytes);
      } catch (UnsupportedJpegException e) {
        // The other reader knows more kinds, and the reasons why a file is none of them.
      }
    }
    return new Whole(metadata.orientation().upright(StandardReaders.decode(format, bytes)));
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
    private final JpegMetadata metadata;
    private final byte[] bytes;

    Partial(BaselineJpeg jpeg, JpegMetadata metadata, byte[] bytes) {
      super(
          metadata.orientation().side(jpeg.width(), jpeg.height()),
          metadata.orientation().side(jpeg.height(), jpeg.width()));
      this.jpeg = jpeg;
      this.metadata = metadata;
      this.bytes = bytes;
    }

    @Override
    RgbImage read(Region part) throws ImageDecodeException {
      Region stored = metadata.orientation().stored(part, jpeg.width(), jpeg.height());
      return metadata.orientation().upright(readStored(stored));
    }

    private RgbImage readStored(Region part) throws ImageDecodeException {
      try {
        byte[] pixels = jpeg.decode(part.x(), part.y(), part.width(), part.height());
        RgbImage image = new RgbImage(part.width(), part.height(), pixels);
        return jpeg.isGrey() ? image : ColorProfile.toSrgb(image, metadata.profile());
      } catch (UnsupportedJpegException e) {
        // As above: the data are damaged, or have something in them that libjpeg passes over.
        RgbImage whole = StandardReaders.decode(ImageFormat.JPEG, bytes);
        return whole.crop(part.x(), part.y(), part.width(), part.height());
      }
    }
  }
}
