package dev.expanse.core.image;

import com.twelvemonkeys.imageio.color.ColorProfiles;
import com.twelvemonkeys.imageio.color.ColorSpaces;
import java.awt.color.CMMException;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.ColorConvertOp;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Converts the colours of RGB images with an embedded ICC profile to sRGB. */
final class ColorProfile {

  private static final int KEPT = 16;
  private static final String SRGB = "sRGB IEC61966-2.1";

  /**
   * The last profiles met and how their colours are converted, if at all: to prepare that takes
   * longer than to decode an image. A {@link ColorConvertOp} is not safe for several threads.
   */
  private static final ThreadLocal<Map<ByteBuffer, Optional<ColorProfile>>> CACHE =
      ThreadLocal.withInitial(ColorProfile::emptyCache);

  private final ColorConvertOp conversion;

  private ColorProfile(ICC_ColorSpace from) {
    conversion = new ColorConvertOp(from, ColorSpace.getInstance(ColorSpace.CS_sRGB), null);
  }

  private static Map<ByteBuffer, Optional<ColorProfile>> emptyCache() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Optional<ColorProfile>> eldest) {
        return size() > KEPT;
      }
    };
  }

  /**
   * Converts an image from the colours of a profile.
   *
   * @param profile the profile's bytes; if there are none or if they are damaged, if they are
   *     sRGB's own or if they are not for RGB, the image is returned as it is
   */
  static RgbImage toSrgb(RgbImage image, byte[] profile) {
    if (profile.length == 0) {
      return image;
    }
    return CACHE
        .get()
        .computeIfAbsent(ByteBuffer.wrap(profile), key -> of(profile))
        .map(known -> known.convert(image))
        .orElse(image);
  }

  private static Optional<ColorProfile> of(byte[] bytes) {
    try {
      ICC_Profile profile = ColorProfiles.createProfile(bytes);
      if (profile.getColorSpaceType() != ColorSpace.TYPE_RGB || isSrgb(profile)) {
        return Optional.empty();
      }
      return Optional.of(new ColorProfile(ColorSpaces.createColorSpace(profile)));
    } catch (IllegalArgumentException | CMMException e) {
      // A broken profile does not make a broken image.
      return Optional.empty();
    }
  }

  /** Several profiles of sRGB are about, which differ in the last digits and not in their name. */
  private static boolean isSrgb(ICC_Profile profile) {
    byte[] description = profile.getData(ICC_Profile.icSigProfileDescriptionTag);
    return ColorProfiles.isCS_sRGB(profile)
        || (description != null
            && new String(description, StandardCharsets.ISO_8859_1).contains(SRGB));
  }

  private RgbImage convert(RgbImage image) {
    byte[] pixels = new byte[image.pixels().length];
    WritableRaster converted = raster(pixels, image.width(), image.height());
    conversion.filter(raster(image.pixels(), image.width(), image.height()), converted);
    return new RgbImage(image.width(), image.height(), pixels);
  }

  private static WritableRaster raster(byte[] pixels, int width, int height) {
    DataBuffer buffer = new DataBufferByte(pixels, pixels.length);
    int[] offsets = {0, 1, 2};
    return Raster.createInterleavedRaster(
        buffer, width, height, width * RgbImage.CHANNELS, RgbImage.CHANNELS, offsets, null);
  }
}
