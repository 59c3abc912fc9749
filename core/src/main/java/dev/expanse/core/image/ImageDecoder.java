package dev.expanse.core.image;

/**
 * Decodes images of every kind that data sets contain: baseline and progressive, grey, CMYK and
 * YCCK JPEG; grey, palette, 16-bit and transparent PNG; the first image of a GIF. Transparency is
 * laid on white, 16 bits are rounded to 8, and of a JPEG the embedded colour profile and the EXIF
 * orientation are applied.
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
   * @param file the bytes of a JPEG, PNG or GIF file
   * @return the image, upright, as wide and high as the file says
   * @throws ImageDecodeException if the bytes are anything else, are cut off or corrupt, or make up
   *     more than {@link #MAX_PIXELS} pixels
   */
  public static RgbImage decode(byte[] file) throws ImageDecodeException {
    ImageFile image = ImageFile.of(file);
    return image.read(Region.whole(image.width(), image.height()));
  }
}
