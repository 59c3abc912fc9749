package dev.expanse.core.image;

import static dev.expanse.core.image.TestImages.pattern;
import static dev.expanse.core.image.TestImages.pixel;
import static dev.expanse.core.image.TestImages.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An RGB image")
class RgbImageTest {

  @Test
  @DisplayName("refuses pixels that are too few, too many or none")
  void refusesWrongLengths() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RgbImage(4, 3, new byte[35]))
        .withMessage("An RGB image of 4 x 3 pixels takes 36 bytes, not 35");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RgbImage(0, 3, new byte[0]))
        .withMessage("An image has at least 1 x 1 pixels, not 0 x 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RgbImage(65_536, 65_536, new byte[0]))
        .withMessage("An image of 65536 x 65536 pixels does not fit into one array");
  }

  @Test
  @DisplayName("is cropped to exactly the pixels of the rectangle")
  void crops() {
    RgbImage image = pattern(9, 7);

    RgbImage cropped = image.crop(2, 3, 5, 4);

    assertThat(cropped.width()).isEqualTo(5);
    assertThat(cropped.height()).isEqualTo(4);
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 5; x++) {
        assertThat(pixel(cropped, x, y)).isEqualTo(pixel(image, x + 2, y + 3));
      }
    }
  }

  @Test
  @DisplayName("is not cropped over any of its edges, nor to nothing")
  void refusesCropsOutside() {
    RgbImage image = pattern(9, 7);

    for (int[] r : new int[][] {{-1, 0, 3, 3}, {0, -1, 3, 3}, {7, 0, 3, 3}, {0, 5, 3, 3}}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> image.crop(r[0], r[1], r[2], r[3]))
          .withMessage("Cannot crop 3 x 3 at (%d, %d) from a 9 x 7 image", r[0], r[1]);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> image.resizedCrop(r[0], r[1], r[2], r[3], 8, 8));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> image.crop(0, 0, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> image.crop(0, 0, 1, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> image.crop(Integer.MAX_VALUE, 0, Integer.MAX_VALUE, 1));
  }

  @Test
  @DisplayName("is cropped in the middle, uneven margins rounded as torchvision rounds them")
  void cropsTheCenter() {
    assertThat(pattern(10, 8).centerCrop(4)).isEqualTo(pattern(10, 8).crop(3, 2, 4, 4));
    // Margins of 2.5 and 1.5 pixels: both go to 2, the even neighbour.
    assertThat(pattern(9, 7).centerCrop(4)).isEqualTo(pattern(9, 7).crop(2, 2, 4, 4));
    assertThat(pattern(7, 9).centerCrop(4)).isEqualTo(pattern(7, 9).crop(2, 2, 4, 4));
    assertThat(pattern(7, 9).centerCrop(7)).isEqualTo(pattern(7, 9).crop(0, 1, 7, 7));
  }

  @Test
  @DisplayName("is not padded where it is smaller than its central crop")
  void refusesToPad() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pattern(32, 48).centerCrop(64))
        .withMessage("Cannot crop 64 x 64 from a 32 x 48 image");
    assertThatIllegalArgumentException().isThrownBy(() -> pattern(32, 48).centerCrop(33));
    assertThatIllegalArgumentException().isThrownBy(() -> pattern(48, 32).centerCrop(33));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pattern(32, 48).centerCrop(0))
        .withMessage("Cannot crop 0 x 0 from a 32 x 48 image");
  }

  @Test
  @DisplayName("is mirrored from left to right")
  void flips() {
    RgbImage image = new RgbImage(3, 2, new byte[18]);
    for (int i = 0; i < 18; i++) {
      image.pixels()[i] = (byte) i;
    }

    RgbImage flipped = image.flipHorizontally();

    assertThat(values(flipped))
        .containsExactly(6, 7, 8, 3, 4, 5, 0, 1, 2, 15, 16, 17, 12, 13, 14, 9, 10, 11);
    assertThat(flipped.flipHorizontally()).isEqualTo(image);
    assertThat(pattern(4, 5).flipHorizontally().flipHorizontally()).isEqualTo(pattern(4, 5));
  }

  @Test
  @DisplayName("equals an image of the same sides and pixels only")
  void equality() {
    assertThat(pattern(4, 6)).isEqualTo(pattern(4, 6)).hasSameHashCodeAs(pattern(4, 6));
    assertThat(pattern(4, 6)).isNotEqualTo(new RgbImage(6, 4, pattern(4, 6).pixels()));
    assertThat(pattern(4, 6)).isNotEqualTo(pattern(4, 6).flipHorizontally());
    assertThat(pattern(4, 6)).hasToString("RgbImage[4 x 6]");
  }
}
