package dev.expanse.jobs.prepare;

import dev.expanse.core.image.ImageDecodeException;
import dev.expanse.core.image.ImageDecoder;
import dev.expanse.core.image.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.OptionalInt;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * What an image is in a shard: the file as it was, or, if its shorter side is larger than wanted, a
 * smaller JPEG.
 *
 * @param shorterSide the largest shorter side in pixels; 0 to keep every file
 * @param jpegQuality of the smaller ones, 1 to 100
 */
record StoredForm(int shorterSide, int jpegQuality) implements Serializable {

  StoredForm(OptionalInt shorterSide, int jpegQuality) {
    this(shorterSide.orElse(0), jpegQuality);
  }

  /** What is written, and the image that it is decoded to (before a smaller one's compression). */
  record Stored(byte[] bytes, RgbImage image) {}

  /**
   * Makes what is written, having decoded the file.
   *
   * @throws ImageDecodeException if it is no sound image
   */
  Stored of(byte[] file) throws ImageDecodeException {
    var image = ImageDecoder.decode(file);
    if (shorterSide == 0 || Math.min(image.width(), image.height()) <= shorterSide) {
      return new Stored(file, image);
    }
    var smaller = image.resizeShorterSide(shorterSide);
    return new Stored(jpeg(smaller), smaller);
  }

  private byte[] jpeg(RgbImage image) {
    var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    var bytes = new ByteArrayOutputStream();
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      var parameters = writer.getDefaultWriteParam();
      parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      parameters.setCompressionQuality(jpegQuality / 100f);
      writer.setOutput(out);
      writer.write(null, new IIOImage(buffered(image), null, null), parameters);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // into memory
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static BufferedImage buffered(RgbImage image) {
    var buffered = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    var pixels = image.pixels();
    var row = new int[image.width()];
    int from = 0;
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < row.length; x++) {
        int red = pixels[from++] & 0xff;
        int green = pixels[from++] & 0xff;
        row[x] = red << 16 | green << 8 | pixels[from++] & 0xff;
      }
      buffered.setRGB(0, y, row.length, 1, row, 0, row.length);
    }
    return buffered;
  }
}
