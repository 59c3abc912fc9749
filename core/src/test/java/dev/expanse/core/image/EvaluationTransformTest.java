package dev.expanse.core.image;

import static dev.expanse.core.image.TestImages.pattern;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The evaluation transform")
class EvaluationTransformTest {

  @Test
  @DisplayName("takes 224 pixels out of a shorter side of 256")
  void resizesAndCrops() {
    RgbImage image = pattern(300, 200);

    RgbImage result = ImageTransform.evaluation(224).apply(image, null);

    assertThat(result).isEqualTo(image.resize(384, 256).crop(80, 16, 224, 224));
  }

  @Test
  @DisplayName("keeps the whole shorter side where the crop fraction is 1")
  void keepsTheShorterSide() {
    RgbImage image = pattern(60, 90);

    RgbImage result = ImageTransform.evaluation(32, 1.0).apply(image, null);

    assertThat(result).isEqualTo(image.resize(32, 48).crop(0, 8, 32, 32));
  }

  @Test
  @DisplayName("rounds the resized side: 160 / 0.875 is 183, not 182")
  void roundsTheResizedSide() {
    RgbImage image = pattern(200, 200);

    RgbImage result = ImageTransform.evaluation(160, 0.875).apply(image, null);

    assertThat(result).isEqualTo(image.resize(183, 183).centerCrop(160));
  }

  @Test
  @DisplayName("only crops what has that shorter side already")
  void crops() {
    RgbImage image = pattern(300, 256);

    RgbImage result = ImageTransform.evaluation(224).apply(image, null);

    assertThat(result).isEqualTo(image.crop(38, 16, 224, 224));
  }

  @Test
  @DisplayName("enlarges images that are smaller than the side")
  void enlarges() {
    assertThat(ImageTransform.evaluation(64).apply(pattern(5, 3), null))
        .hasToString("RgbImage[64 x 64]");
  }

  @Test
  @DisplayName("refuses sides and fractions out of range")
  void refusesOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageTransform.evaluation(0))
        .withMessage("The side must be at least 1, not 0");
    for (double fraction : new double[] {0, 1.01, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ImageTransform.evaluation(8, fraction))
          .withMessage("The crop fraction must be above 0 and at most 1, not " + fraction);
    }
  }
}
