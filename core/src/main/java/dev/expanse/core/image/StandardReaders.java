package dev.expanse.core.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes whole images of any kind by readers of ImageIO, which also know what is wrong with one.
 */
final class StandardReaders {

  private StandardReaders() {}

  static RgbImage decode(ImageFormat format, byte[] file) throws ImageDecodeException {
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
      RowCount rows = new RowCount();
      reader.addIIOReadUpdateListener(rows);
      reader.setInput(input, true, true);
      ImageFile.requireSize(reader.getWidth(0), reader.getHeight(0));
      BufferedImage image = reader.read(0);
      warnings.throwIfAny(format);
      if (format == ImageFormat.GIF) {
        rows.requireAll(format, image.getHeight());
      }
      return RgbConversion.convert(image);
    } finally {
      reader.dispose();
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
