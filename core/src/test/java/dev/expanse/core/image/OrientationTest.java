package dev.expanse.core.image;

import static dev.expanse.core.image.TestImages.exif;
import static dev.expanse.core.image.TestImages.noiseJpeg;
import static dev.expanse.core.image.TestImages.pixel;
import static dev.expanse.core.image.TestImages.resource;
import static dev.expanse.core.image.TestImages.withSegment;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The EXIF orientation")
class OrientationTest {

  private static final int APP1 = 0xe1;

  /**
   * @param corners which corners of the stored image are top left, top right, bottom left and
   *     bottom right of the upright one, counted in this order: the tag's definition says where the
   *     stored row 0 and column 0 are to be seen
   */
  @ParameterizedTest(name = "{0}")
  @DisplayName("turns an image upright")
  @CsvSource({"1,0123", "2,1032", "3,3210", "4,2301", "5,0213", "6,2031", "7,3120", "8,1302"})
  void turnsUpright(int orientation, String corners) throws IOException {
    byte[] stored = noiseJpeg(31, 17);
    RgbImage image = ImageDecoder.decode(stored);
    int[][] stands = {
      pixel(image, 0, 0), pixel(image, 30, 0), pixel(image, 0, 16), pixel(image, 30, 16)
    };

    RgbImage upright =
        ImageDecoder.decode(withSegment(stored, APP1, exif(orientation, ByteOrder.BIG_ENDIAN)));

    int width = orientation >= 5 ? 17 : 31;
    int height = orientation >= 5 ? 31 : 17;
    assertThat(upright).hasToString("RgbImage[%d x %d]".formatted(width, height));
    int[][] seen = {
      pixel(upright, 0, 0),
      pixel(upright, width - 1, 0),
      pixel(upright, 0, height - 1),
      pixel(upright, width - 1, height - 1)
    };
    for (int i = 0; i < 4; i++) {
      assertThat(seen[i]).isEqualTo(stands[corners.charAt(i) - '0']);
    }
  }

  @ParameterizedTest
  @DisplayName("is heeded in every kind of JPEG, in both orders of bytes, and by every view")
  @CsvSource({"noise", "progressive.jpg", "grey.jpg"})
  void turnsEveryKind(String name) throws IOException {
    byte[] stored = name.equals("noise") ? noiseJpeg(31, 17) : resource(name);
    RgbImage image = ImageDecoder.decode(stored);
    for (int orientation = 1; orientation <= 8; orientation++) {
      byte[] file = withSegment(stored, APP1, exif(orientation, ByteOrder.LITTLE_ENDIAN));

      RgbImage upright = ImageDecoder.decode(file);

      assertThat(upright).isEqualTo(Orientation.values()[orientation - 1].upright(image));
      for (ImageTransform transform :
          new ImageTransform[] {ImageTransform.training(8), ImageTransform.evaluation(8)}) {
        assertThat(transform.decode(file, new SplittableRandom(orientation)))
            .isEqualTo(transform.apply(upright, new SplittableRandom(orientation)));
      }
    }
  }

  @Test
  @DisplayName("is ignored where its block is damaged, or says something else")
  void ignoresDamage() throws IOException {
    byte[] stored = noiseJpeg(31, 17);
    RgbImage image = ImageDecoder.decode(stored);
    for (int orientation : new int[] {0, 9, -1}) {
      byte[] other = exif(orientation, ByteOrder.BIG_ENDIAN);
      assertThat(ImageDecoder.decode(withSegment(stored, APP1, other))).isEqualTo(image);
    }
    byte[] sound = exif(1, ByteOrder.BIG_ENDIAN);
    for (int length = 0; length < sound.length; length++) {
      byte[] cut = Arrays.copyOf(sound, length);
      assertThat(ImageDecoder.decode(withSegment(stored, APP1, cut))).isEqualTo(image);
    }
    Random random = new Random(8);
    for (int i = 0; i < 300; i++) {
      byte[] damaged = sound.clone();
      damaged[6 + random.nextInt(16)] = (byte) random.nextInt(256);
      assertThat(ImageDecoder.decode(withSegment(stored, APP1, damaged))).isEqualTo(image);
    }
  }
}
