package dev.expanse.core.image;

import static dev.expanse.core.image.TestImages.pattern;
import static dev.expanse.core.image.TestImages.pixel;
import static dev.expanse.core.image.TestImages.uniform;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A normalisation")
class NormalizationTest {

  @Test
  @DisplayName("of ImageNet gives the values that torchvision gives")
  void imageNetValues() {
    float[] batch = new float[6];

    Normalization.IMAGENET.write(uniform(1, 1, 0, 0, 0), batch, 0);
    Normalization.IMAGENET.write(uniform(1, 1, 255, 255, 255), batch, 1);

    float[] expected = {-2.117904f, -2.035714f, -1.804444f, 2.248908f, 2.428571f, 2.64f};
    assertThat(batch).containsExactly(expected, within(1e-5f));
  }

  @Test
  @DisplayName("writes an image into its own place of the batch only, channels last")
  void writesIntoItsPlace() {
    Normalization half = new Normalization(List.of(0f, 0.5f, 1f), List.of(1f, 0.5f, 0.25f));
    RgbImage image = pattern(3, 2);
    float[] batch = new float[3 * 2 * 3 * 3];
    Arrays.fill(batch, 99);

    half.write(image, batch, 1);

    for (int i = 0; i < 18; i++) {
      assertThat(batch[i]).isEqualTo(99);
      assertThat(batch[36 + i]).isEqualTo(99);
    }
    for (int y = 0; y < 2; y++) {
      for (int x = 0; x < 3; x++) {
        int[] rgb = pixel(image, x, y);
        int at = 18 + (y * 3 + x) * 3;
        assertThat(batch[at]).isCloseTo(rgb[0] / 255f, within(1e-6f));
        assertThat(batch[at + 1]).isCloseTo((rgb[1] / 255f - 0.5f) / 0.5f, within(1e-6f));
        assertThat(batch[at + 2]).isCloseTo((rgb[2] / 255f - 1) / 0.25f, within(1e-6f));
      }
    }
  }

  @Test
  @DisplayName("refuses a batch without such a place")
  void refusesOtherPlaces() {
    RgbImage image = pattern(3, 2);
    for (int index : new int[] {-1, 2, Integer.MAX_VALUE}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Normalization.IMAGENET.write(image, new float[36], index))
          .withMessage(
              "Cannot write a 3 x 2 image at index %d of a batch of 36 values".formatted(index));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Normalization.IMAGENET.write(image, new float[35], 0));
  }

  @Test
  @DisplayName("takes three means and three positive deviations")
  void refusesOtherParameters() {
    List<Float> ones = List.of(1f, 1f, 1f);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Normalization(List.of(1f), ones))
        .withMessage("The mean must be three numbers, not [1.0]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Normalization(List.of(1f, Float.NaN, 1f), ones));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Normalization(ones, List.of(1f, 0f, 1f)))
        .withMessage("The deviation must be three positive numbers, not [1.0, 0.0, 1.0]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Normalization(ones, List.of(1f, Float.NaN, 1f)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Normalization(ones, List.of(1f, 1f, 1f, 1f)));
  }
}
