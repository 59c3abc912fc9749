package dev.expanse.core.image;

import static dev.expanse.core.image.TestImages.encode;
import static dev.expanse.core.image.TestImages.values;
import static dev.expanse.core.image.TestImages.withSegment;
import static org.assertj.core.api.Assertions.assertThat;

import com.twelvemonkeys.imageio.color.ColorSpaces;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An embedded colour profile")
class ColorProfileTest {

  private static final int APP2 = 0xe2;

  private static final byte[] ADOBE_RGB =
      ((ICC_ColorSpace) ColorSpaces.getColorSpace(ColorSpaces.CS_ADOBE_RGB_1998))
          .getProfile()
          .getData();

  private static byte[] segment(int part, int parts, byte[] profile, int from, int to) {
    ByteBuffer content = ByteBuffer.allocate(14 + to - from).put("ICC_PROFILE\0".getBytes());
    return content.put((byte) part).put((byte) parts).put(profile, from, to - from).array();
  }

  private static byte[] withProfile(byte[] jpeg, byte[] profile) {
    return withSegment(jpeg, APP2, segment(1, 1, profile, 0, profile.length));
  }

  /** Colours that change slowly, as far as they go. */
  private static byte[] colors() {
    BufferedImage image = new BufferedImage(48, 40, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 40; y++) {
      for (int x = 0; x < 48; x++) {
        image.setRGB(x, y, x * 5 << 16 | y * 6 << 8 | (x + y) * 255 / 86);
      }
    }
    return encode(image, "jpg");
  }

  @Test
  @DisplayName("is applied as TwelveMonkeys applies it, to a view too")
  void convertsToSrgb() throws IOException {
    byte[] plain = colors();
    byte[] file = withProfile(plain, ADOBE_RGB);

    RgbImage converted = ImageDecoder.decode(file);

    assertThat(converted).isNotEqualTo(ImageDecoder.decode(plain));
    assertThat(converted).isEqualTo(StandardReaders.decode(ImageFormat.JPEG, file));
    ImageTransform training = ImageTransform.training(16);
    assertThat(training.decode(file, new SplittableRandom(2)))
        .isEqualTo(training.apply(converted, new SplittableRandom(2)));
  }

  @Test
  @DisplayName("makes colours stronger that were stored in a wider space")
  void widensColors() throws IOException {
    int[] before = values(ImageDecoder.decode(colors()));
    int[] after = values(ImageDecoder.decode(withProfile(colors(), ADOBE_RGB)));

    // A strong green of Adobe RGB is stronger in sRGB: less red in it.
    int at = (36 * 48 + 20) * 3;
    assertThat(before[at + 1] - before[at]).isPositive();
    assertThat(after[at + 1] - after[at]).isGreaterThan(before[at + 1] - before[at]);
  }

  @Test
  @DisplayName("of sRGB changes nothing")
  void leavesSrgb() throws IOException {
    byte[] srgb = ICC_Profile.getInstance(ColorSpace.CS_sRGB).getData();

    assertThat(ImageDecoder.decode(withProfile(colors(), srgb)))
        .isEqualTo(ImageDecoder.decode(colors()));
  }

  @Test
  @DisplayName(
      "of the sRGB that cameras write, of other digits than Java's, changes nothing either")
  void leavesOtherSrgb() throws IOException {
    byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_sRGB).getData();
    byte[] name = "sRGB IEC61966-2.1".getBytes(StandardCharsets.US_ASCII);
    int at = new String(profile, StandardCharsets.ISO_8859_1).indexOf("sRGB built-in");
    System.arraycopy(name, 0, profile, at, name.length);
    int red = new String(profile, StandardCharsets.ISO_8859_1).lastIndexOf("XYZ ");
    profile[red + 10] += 9; // one colorant, by some levels

    assertThat(ImageDecoder.decode(withProfile(colors(), profile)))
        .isEqualTo(ImageDecoder.decode(colors()));
  }

  @Test
  @DisplayName("is put together from its parts")
  void joinsParts() throws IOException {
    int half = ADOBE_RGB.length / 2;
    byte[] second = segment(2, 2, ADOBE_RGB, half, ADOBE_RGB.length);
    byte[] first = segment(1, 2, ADOBE_RGB, 0, half);
    byte[] file = withSegment(withSegment(colors(), APP2, second), APP2, first);

    assertThat(ImageDecoder.decode(file))
        .isEqualTo(ImageDecoder.decode(withProfile(colors(), ADOBE_RGB)));
  }

  @Test
  @DisplayName("is ignored where it is damaged")
  void ignoresDamage() throws IOException {
    RgbImage plain = ImageDecoder.decode(colors());
    byte[] noise = new byte[500];
    new Random(3).nextBytes(noise);

    assertThat(ImageDecoder.decode(withProfile(colors(), noise))).isEqualTo(plain);
    assertThat(ImageDecoder.decode(withProfile(colors(), Arrays.copyOf(ADOBE_RGB, 100))))
        .isEqualTo(plain);
    byte[] onlyFirst = segment(1, 2, ADOBE_RGB, 0, 200);
    assertThat(ImageDecoder.decode(withSegment(colors(), APP2, onlyFirst))).isEqualTo(plain);
  }
}
