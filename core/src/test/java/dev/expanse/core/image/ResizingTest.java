package dev.expanse.core.image;

import static dev.expanse.core.image.TestImages.pattern;
import static dev.expanse.core.image.TestImages.uniform;
import static dev.expanse.core.image.TestImages.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HexFormat;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Resizing")
class ResizingTest {

  /**
   * What ImageMagick 6.9.11 makes of the pattern: {@code convert -depth 8 -size WxH rgb:pattern
   * -filter Triangle -resize WxH! -depth 8 rgb:-}.
   */
  @ParameterizedTest(name = "{0} x {1} to {2} x {3}")
  @DisplayName("agrees with ImageMagick's triangle filter")
  @CsvSource({
    "12, 9, 5, 4, 3d82a686726d7169764c869a947768"
        + "696b747b6e916e837b717273837392"
        + "59968463a8806276835e9a8564ae6d"
        + "6c779c7899689a627a717d9c78a357",
    "12, 9, 5, 13, 2275c272b05ea247713977bd74c758"
        + "3181b38c7c657764754385a89a845f"
        + "488b99964e73537d7954908aac486f"
        + "68877272488a56807c6d8b6881418b"
        + "776f637f5eac5b9e817e75648a61b2"
        + "6f5a6f7e7d9d7a8b7977617483889f"
        + "4f4b9863a04ebb37615652985fb242"
        + "61997668b5604a5aa1669e7869bc5e"
        + "5eb17a5db0933b8e8e61b47d60b37d"
        + "4a9d9b4e9acd79bc484e9f9d509d93"
        + "4093a37d8e63ac5a7b53959f809051"
        + "746e9d84994ca448887a759c83a546"
        + "b646947aab59875a84a5539974c252",
    "4, 3, 7, 5, 0053a60d60b32275c8378add4c9fe061b4636fc215"
        + "0457aa1467ba2d80d3479aba60ac957a8b578a7630"
        + "0b5eb11f72c53f92e55fb2857fbf259f4d45b30659"
        + "1e71c43689a65db074838a5d9f5c506e48764f3c8f"
        + "2c7fd246999171c4299c6f42b51a6d4d45980d60b3"
  })
  void agreesWithImageMagick(int width, int height, int newWidth, int newHeight, String expected) {
    byte[] bytes = HexFormat.of().parseHex(expected);

    RgbImage resized = pattern(width, height).resize(newWidth, newHeight);

    assertClose(resized, new RgbImage(newWidth, newHeight, bytes), 1);
  }

  @ParameterizedTest(name = "{0} x {1} to {2} x {3}")
  @DisplayName("is the weighted mean that its filter is defined as")
  @CsvSource({
    "40, 30, 10, 15",
    "30, 40, 29, 39",
    "17, 23, 8, 50",
    "23, 17, 50, 8",
    "31, 9, 31, 4",
    "9, 31, 4, 31",
    "5, 4, 1, 1",
    "1, 1, 6, 5",
    "100, 3, 7, 3"
  })
  void agreesWithTheDefinition(int width, int height, int newWidth, int newHeight) {
    RgbImage image = pattern(width, height);

    RgbImage resized = image.resize(newWidth, newHeight);

    assertClose(resized, byDefinition(image, newWidth, newHeight), 1);
  }

  @Test
  @DisplayName("halves a ramp with weights of 1, 3, 3 and 1 eighths, fewer at the edges")
  void halves() {
    byte[] ramp = new byte[8 * 3];
    int[] levels = {0, 10, 40, 90, 160, 250, 100, 20};
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = (byte) levels[i / 3];
    }

    int[] halved = values(new RgbImage(8, 1, ramp).resize(4, 1));

    // (3*0 + 3*10 + 40) / 7, (10 + 3*40 + 3*90 + 160) / 8, (90 + 3*160 + 3*250 + 100) / 8, ...
    assertThat(new int[] {halved[0], halved[3], halved[6], halved[9]})
        .containsExactly(10, 70, 178, 87);
  }

  @Test
  @DisplayName("keeps a single colour exactly, whatever the sides")
  void keepsUniformColors() {
    for (int side : new int[] {1, 3, 31, 32, 33, 64, 200}) {
      assertThat(uniform(32, 32, 255, 1, 128).resize(side, 2 * side))
          .isEqualTo(uniform(side, 2 * side, 255, 1, 128));
    }
  }

  @Test
  @DisplayName("averages fine stripes to grey instead of keeping some of them")
  void antialiases() {
    byte[] stripes = new byte[128 * 128 * 3];
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = (byte) (i / 3 % 2 == 0 ? 255 : 0);
    }

    int[] values = values(new RgbImage(128, 128, stripes).resize(16, 16));

    for (int value : values) {
      assertThat(value).isBetween(118, 137);
    }
  }

  @Test
  @DisplayName("of a rectangle sees nothing outside it")
  void resizesCrops() {
    RgbImage image = pattern(50, 40);

    assertThat(image.resizedCrop(7, 9, 31, 22, 16, 16))
        .isEqualTo(image.crop(7, 9, 31, 22).resize(16, 16));
    assertThat(image.resizedCrop(7, 9, 16, 22, 16, 13))
        .isEqualTo(image.crop(7, 9, 16, 22).resize(16, 13));
    assertThat(image.resizedCrop(7, 9, 20, 16, 13, 16))
        .isEqualTo(image.crop(7, 9, 20, 16).resize(13, 16));
    assertThat(image.resizedCrop(7, 9, 31, 22, 31, 22)).isEqualTo(image.crop(7, 9, 31, 22));
  }

  @Test
  @DisplayName("of the shorter side keeps the aspect ratio, the longer side rounded down")
  void resizesTheShorterSide() {
    assertThat(pattern(500, 375).resizeShorterSide(256)).hasToString("RgbImage[341 x 256]");
    assertThat(pattern(375, 500).resizeShorterSide(256)).hasToString("RgbImage[256 x 341]");
    assertThat(pattern(10, 11).resizeShorterSide(20)).hasToString("RgbImage[20 x 22]");
    assertThat(pattern(64, 64).resizeShorterSide(37)).hasToString("RgbImage[37 x 37]");
    assertThat(pattern(10, 15).resizeShorterSide(5)).isEqualTo(pattern(10, 15).resize(5, 7));
  }

  @Test
  @DisplayName("to nothing is refused")
  void refusesEmptySides() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pattern(4, 4).resize(0, 5))
        .withMessage("Cannot resize to 0 x 5");
    assertThatIllegalArgumentException().isThrownBy(() -> pattern(4, 4).resize(5, -1));
    assertThatIllegalArgumentException().isThrownBy(() -> pattern(4, 4).resizeShorterSide(0));
  }

  private static void assertClose(RgbImage actual, RgbImage expected, int tolerance) {
    assertThat(actual).hasToString(expected.toString());
    for (int i = 0; i < expected.pixels().length; i++) {
      assertThat(actual.pixels()[i] & 0xff)
          .as("byte %d", i)
          .isBetween(
              (expected.pixels()[i] & 0xff) - tolerance, (expected.pixels()[i] & 0xff) + tolerance);
    }
  }

  /** Every input's weight for every output, in both directions at once and in doubles. */
  private static RgbImage byDefinition(RgbImage image, int newWidth, int newHeight) {
    byte[] result = new byte[newWidth * newHeight * 3];
    for (int i = 0; i < result.length; i++) {
      int x = i / 3 % newWidth;
      int y = i / 3 / newWidth;
      double sum = 0;
      double weights = 0;
      for (int j = i % 3; j < image.pixels().length; j += 3) {
        double weight =
            weight(j / 3 % image.width(), image.width(), x, newWidth)
                * weight(j / 3 / image.width(), image.height(), y, newHeight);
        sum += weight * (image.pixels()[j] & 0xff);
        weights += weight;
      }
      result[i] = (byte) Math.round(sum / weights);
    }
    return new RgbImage(newWidth, newHeight, result);
  }

  private static double weight(int from, int size, int to, int newSize) {
    double scale = (double) size / newSize;
    double distance = Math.abs(from + 0.5 - (to + 0.5) * scale);
    return Math.max(0, 1 - distance / Math.max(1, scale));
  }
}
