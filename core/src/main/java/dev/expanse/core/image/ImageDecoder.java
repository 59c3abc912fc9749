package dev.expanse.core.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Locale;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes JPEG and PNG images of every kind that data sets contain: baseline and progressive, grey,
 * CMYK and YCCK JPEG; grey, palette, 16-bit and transparent PNG. Transparency is laid on white, 16
 * bits are rounded to 8, and an embedded colour profile of a JPEG is applied.
 */
public final class ImageDecoder {

  /**
   * The most pixels of an image that is decoded: more than any photograph of ImageNet has, and few
   * enough for a task (200 MB as RGB) that a small file with large dimensions does no harm.
   */
  public static final int MAX_PIXELS = 1 << 26;

  private ImageDecoder() {}

  /**
   * Decodes one image; may be called from several threads at once.
   *
   * @param file the bytes of a JPEG or PNG file
   * @return the image, as wide and high as the file says
   * @throws ImageDecodeException if the bytes are anything else, are cut off or corrupt, or make up
   *     more than {@link #MAX_PIXELS} pixels
   */
  public static RgbImage decode(byte[] file) throws ImageDecodeException {
    ImageFormat format = ImageFormat.of(file);
    format.requireComplete(file);
    try {
      return read(format, file);
    } catch (ImageDecodeException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      if (e.getCause() instanceof Error error) {
        // The PNG reader wraps even an OutOfMemoryError, which is not the image's fault.
        throw error;
      }
      throw new ImageDecodeException("corrupt %s: %s".formatted(format, reason(e)), e);
    }
  }

  private static RgbImage read(ImageFormat format, byte[] file) throws IOException {
    ImageReader reader = format.reader();
    try (ImageInputStream input = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      LossWarnings warnings = new LossWarnings();
      reader.addIIOReadWarningListener(warnings);
      reader.setInput(input, true, true);
      requireSize(reader.getWidth(0), reader.getHeight(0));
      BufferedImage image = reader.read(0);
      warnings.throwIfAny(format);
      return RgbConversion.convert(image);
    } finally {
      reader.dispose();
    }
  }

  private static void requireSize(int width, int height) throws ImageDecodeException {
    if (width < 1 || height < 1) {
      throw new ImageDecodeException("%d x %d pixels".formatted(width, height));
    }
    if ((long) width * height > MAX_PIXELS) {
      throw new ImageDecodeException(
          String.format(
              Locale.ROOT,
              "%,d x %,d pixels, more than the limit of %,d",
              width,
              height,
              MAX_PIXELS));
    }
  }

  /** The innermost message: readers wrap what they met in "Error reading image data". */
  private static String reason(Throwable thrown) {
    Throwable innermost = thrown;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    if (innermost instanceof EOFException) {
      return "its data end too early";
    }
    String message = innermost.getMessage();
    return message == null || message.isBlank() ? innermost.getClass().getSimpleName() : message;
  }
}
