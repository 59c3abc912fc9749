package dev.expanse.core.image;

import java.awt.image.BufferedImage;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadUpdateListener;

/** Counts the rows that a reader decodes: that of GIF says nothing when there are too few. */
final class RowCount implements IIOReadUpdateListener {

  private int rows;

  void requireAll(ImageFormat format, int height) throws ImageDecodeException {
    if (rows < height) {
      throw new ImageDecodeException("corrupt %s: its data end too early".formatted(format));
    }
  }

  @Override
  public void imageUpdate(
      ImageReader source,
      BufferedImage image,
      int x,
      int y,
      int width,
      int height,
      int periodX,
      int periodY,
      int[] bands) {
    rows += height;
  }

  @Override
  public void passStarted(
      ImageReader source,
      BufferedImage image,
      int pass,
      int minPass,
      int maxPass,
      int x,
      int y,
      int periodX,
      int periodY,
      int[] bands) {}

  @Override
  public void passComplete(ImageReader source, BufferedImage image) {}

  @Override
  public void thumbnailPassStarted(
      ImageReader source,
      BufferedImage thumbnail,
      int pass,
      int minPass,
      int maxPass,
      int x,
      int y,
      int periodX,
      int periodY,
      int[] bands) {}

  @Override
  public void thumbnailUpdate(
      ImageReader source,
      BufferedImage thumbnail,
      int x,
      int y,
      int width,
      int height,
      int periodX,
      int periodY,
      int[] bands) {}

  @Override
  public void thumbnailPassComplete(ImageReader source, BufferedImage thumbnail) {}
}
