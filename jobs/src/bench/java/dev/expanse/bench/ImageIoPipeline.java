package dev.expanse.bench;

import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import javax.imageio.spi.ImageReaderSpi;

/** ImageIO with the JPEG reader given, and Graphics2D, bilinear, which does not antialias. */
final class ImageIoPipeline implements InputPipeline.Peer {
  private final ImageReaderSpi reader;
  private final int side;
  private final BufferedImage canvas;

  ImageIoPipeline(ImageReaderSpi reader, int side) {
    this.reader = reader;
    this.side = side;
    canvas = new BufferedImage(side, side, BufferedImage.TYPE_3BYTE_BGR);
  }

  @Override
  public int decode(Photograph photograph) throws IOException {
    BufferedImage image = JpegReaders.read(reader, photograph.file());
    return image.getWidth() * image.getHeight();
  }

  @Override
  public void write(Photograph photograph, View view, float[] batch, int index) throws IOException {
    var image = JpegReaders.read(reader, photograph.file());
    int right = view.x() + view.width();
    int bottom = view.y() + view.height();
    var graphics = canvas.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(image, 0, 0, side, side, view.x(), view.y(), right, bottom, null);
    graphics.dispose();
    byte[] pixels = ((DataBufferByte) canvas.getRaster().getDataBuffer()).getData();
    PeerNormalization.writeBgr(pixels, side, view.flip(), batch, index);
  }
}
