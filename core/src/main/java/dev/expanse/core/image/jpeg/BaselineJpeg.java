package dev.expanse.core.image.jpeg;

import java.util.List;

/**
 * Decodes a rectangle of a JPEG without the work that only its surroundings need: nothing below it
 * is looked at, and of what is above and beside it only the Huffman codes are read. Its pixels are
 * libjpeg's, to the bit ("islow" transform, "fancy" upsampling).
 *
 * <p>It knows sequential Huffman-coded images of 8 bits, grey or YCbCr with colour at full (4:4:4),
 * half (4:2:2) or quarter (4:2:0) resolution, in a single scan, with or without restarts: nearly
 * all photographs. Anything else, and anything that is not as it should be, is an {@link
 * UnsupportedJpegException}.
 *
 * <p>ITU-T T.81 | ISO/IEC 10918-1. May be used by several threads at once.
 */
public final class BaselineJpeg {

  private final byte[] file;
  private final Header header;

  private BaselineJpeg(byte[] file, Header header) {
    this.file = file;
    this.header = header;
  }

  /**
   * Reads the header of a file.
   *
   * @param file the bytes of a JPEG file, which are not copied
   * @return the image, not decoded yet
   * @throws UnsupportedJpegException if the image is of another kind, or if its header is damaged
   */
  public static BaselineJpeg of(byte[] file) throws UnsupportedJpegException {
    return new BaselineJpeg(file, HeaderReader.read(file));
  }

  /**
   * Returns the width of the whole image.
   *
   * @return the width in pixels
   */
  public int width() {
    return header.width();
  }

  /**
   * Returns the height of the whole image.
   *
   * @return the height in pixels
   */
  public int height() {
    return header.height();
  }

  /**
   * Returns whether the image has no colours.
   *
   * @return whether it has a single component
   */
  public boolean isGrey() {
    return header.components().size() == 1;
  }

  /**
   * Decodes a rectangle.
   *
   * @param x its leftmost column
   * @param y its topmost row
   * @param width its width in pixels
   * @param height its height in pixels
   * @return unsigned bytes of shape {@code [height, width, 3]}, in the order red, green, blue
   * @throws UnsupportedJpegException if the data are damaged before the rectangle's end, or before
   *     the image's end where the rectangle contains its last pixel
   * @throws IndexOutOfBoundsException if the rectangle is empty or reaches over an edge
   */
  public byte[] decode(int x, int y, int width, int height) throws UnsupportedJpegException {
    if (width < 1 || height < 1 || x < 0 || y < 0 || x > width() - width || y > height() - height) {
      throw new IndexOutOfBoundsException(
          "%d x %d at (%d, %d) in %d x %d".formatted(width, height, x, y, width(), height()));
    }
    Plane[] planes = planes(x, y, width, height);
    new ScanReader(file, header, planes).read();
    byte[] rgb = new byte[width * height * 3];
    if (planes.length == 1) {
      fillGrey(planes[0], x, y, width, rgb);
    } else {
      fillColors(planes, x, y, width, rgb);
    }
    return rgb;
  }

  private Plane[] planes(int x, int y, int width, int height) {
    List<Component> components = header.components();
    int across = components.get(0).across();
    int down = components.get(0).down();
    Plane[] planes = new Plane[components.size()];
    planes[0] = Plane.of(x, y, x + width, y + height, width(), height());
    int chromaWidth = (width() + across - 1) / across;
    int chromaHeight = (height() + down - 1) / down;
    // Upsampling looks at one sample more on each side.
    int left = across == 1 ? x : Math.max(x / 2 - 1, 0);
    int top = down == 1 ? y : Math.max(y / 2 - 1, 0);
    int right = across == 1 ? x + width : Math.min((x + width - 1) / 2 + 2, chromaWidth);
    int bottom = down == 1 ? y + height : Math.min((y + height - 1) / 2 + 2, chromaHeight);
    for (int i = 1; i < planes.length; i++) {
      planes[i] = Plane.of(left, top, right, bottom, chromaWidth, chromaHeight);
    }
    return planes;
  }

  private static void fillGrey(Plane plane, int x, int y, int width, byte[] rgb) {
    int to = 0;
    for (int row = y; to < rgb.length; row++) {
      int from = plane.index(x, row);
      for (int i = 0; i < width; i++) {
        byte level = plane.samples()[from + i];
        rgb[to++] = level;
        rgb[to++] = level;
        rgb[to++] = level;
      }
    }
  }

  private void fillColors(Plane[] planes, int x, int y, int width, byte[] rgb) {
    Component luma = header.components().get(0);
    ChromaRows blue = new ChromaRows(planes[1], luma.across(), luma.down(), x, width);
    ChromaRows red = new ChromaRows(planes[2], luma.across(), luma.down(), x, width);
    YccColors colors = new YccColors();
    int row = y;
    for (int to = 0; to < rgb.length; to += width * 3) {
      colors.toRgb(
          new YccColors.Samples(planes[0].samples(), planes[0].index(x, row)),
          new YccColors.Samples(blue.samples(row), blue.start(x, row)),
          new YccColors.Samples(red.samples(row), red.start(x, row)),
          width,
          rgb,
          to);
      row++;
    }
  }
}
