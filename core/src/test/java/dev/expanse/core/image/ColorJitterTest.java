package dev.expanse.core.image;

import static dev.expanse.core.image.TestImages.noiseJpeg;
import static dev.expanse.core.image.TestImages.pattern;
import static dev.expanse.core.image.TestImages.uniform;
import static dev.expanse.core.image.TestImages.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A colour jitter")
class ColorJitterTest {

  private static final RgbImage TWO_PIXELS =
      new RgbImage(2, 1, new byte[] {100, (byte) 200, 50, 10, 20, (byte) 250});

  @Test
  @DisplayName("brightens by a factor, cut off at white")
  void brightens() {
    assertThat(values(ColorJitter.brighten(TWO_PIXELS, 1.5)))
        .containsExactly(150, 255, 75, 15, 30, 255);
    // 50 * 0.75 is 37.5, which torchvision cuts off.
    assertThat(values(ColorJitter.brighten(TWO_PIXELS, 0.75)))
        .containsExactly(75, 150, 37, 7, 15, 187);
  }

  @Test
  @DisplayName("moves levels away from the mean grey, or towards it")
  void changesContrast() {
    // Greys of 152.99 and 43.229, cut off to 152 and 43: a mean of 97.5.
    assertThat(values(ColorJitter.contrast(TWO_PIXELS, 0.5)))
        .containsExactly(98, 148, 73, 53, 58, 173);
    assertThat(values(ColorJitter.contrast(TWO_PIXELS, 2))).containsExactly(102, 255, 2, 0, 0, 255);
    assertThat(values(ColorJitter.contrast(TWO_PIXELS, 0))).containsOnly(97);
  }

  @Test
  @DisplayName("moves colours away from their own grey, or towards it")
  void changesSaturation() {
    assertThat(values(ColorJitter.saturate(TWO_PIXELS, 0)))
        .containsExactly(152, 152, 152, 43, 43, 43);
    assertThat(values(ColorJitter.saturate(TWO_PIXELS, 0.5)))
        .containsExactly(126, 176, 101, 26, 31, 146);
    assertThat(values(ColorJitter.saturate(TWO_PIXELS, 2))).containsExactly(48, 248, 0, 0, 0, 255);
  }

  @Test
  @DisplayName("changes nothing by a factor of 1")
  void keepsByOne() {
    RgbImage image = pattern(31, 19);

    assertThat(ColorJitter.brighten(image, 1)).isEqualTo(image);
    assertThat(ColorJitter.contrast(image, 1)).isEqualTo(image);
    assertThat(ColorJitter.saturate(image, 1)).isEqualTo(image);
  }

  @Test
  @DisplayName("draws factors evenly from 1 - x to 1 + x, but none below 0")
  void drawsFactors() {
    RgbImage grey = uniform(1, 1, 100, 100, 100);
    for (double strength : new double[] {0.25, 1.5}) {
      SplittableRandom random = new SplittableRandom(4);
      ColorJitter jitter = new ColorJitter(strength, 0, 0);
      int[] levels =
          IntStream.range(0, 4000).map(i -> values(jitter.draw(random).apply(grey))[0]).toArray();
      double least = Math.max(0, 1 - strength);
      double most = 1 + strength;

      assertThat(IntStream.of(levels).min().orElseThrow() / 100.0).isBetween(least, least + 0.02);
      assertThat(IntStream.of(levels).max().orElseThrow() / 100.0).isBetween(most - 0.02, most);
      assertThat(IntStream.of(levels).average().orElseThrow() / 100)
          .isBetween((least + most) / 2 - 0.03, (least + most) / 2 + 0.03);
    }
  }

  @Test
  @DisplayName("follows every order of its three kinds")
  void drawsOrders() {
    Set<RgbImage> expected = new HashSet<>();
    SplittableRandom probe = new SplittableRandom(9);
    ColorJitter jitter = new ColorJitter(0.4, 0.4, 0.4);
    // The factors are drawn first, so that one seed has the same ones in whatever order.
    double brightness = 0.6 + 0.8 * probe.nextDouble();
    double contrast = 0.6 + 0.8 * probe.nextDouble();
    double saturation = 0.6 + 0.8 * probe.nextDouble();
    RgbImage image = pattern(12, 9);
    for (String order : new String[] {"bcs", "bsc", "cbs", "csb", "sbc", "scb"}) {
      RgbImage changed = image;
      for (char kind : order.toCharArray()) {
        changed =
            switch (kind) {
              case 'b' -> ColorJitter.brighten(changed, brightness);
              case 'c' -> ColorJitter.contrast(changed, contrast);
              default -> ColorJitter.saturate(changed, saturation);
            };
      }
      expected.add(changed);
    }
    assertThat(expected).hasSize(6);
    Set<RgbImage> seen = new HashSet<>();
    for (int order = 0; order < 200; order++) {
      seen.add(jitter.draw(new FirstThenOther(9, 3, order)).apply(image));
    }
    assertThat(seen).isEqualTo(expected);
  }

  /** Some numbers of one generator, then those of another. */
  private static final class FirstThenOther implements java.util.random.RandomGenerator {
    private final SplittableRandom first;
    private final SplittableRandom then;
    private int left;

    FirstThenOther(long seed, int count, long otherSeed) {
      first = new SplittableRandom(seed);
      then = new SplittableRandom(otherSeed);
      left = count;
    }

    @Override
    public long nextLong() {
      return left-- > 0 ? first.nextLong() : then.nextLong();
    }
  }

  @Test
  @DisplayName("of strength 0 draws nothing, so that results stay")
  void drawsNothing() throws IOException {
    SplittableRandom random = new SplittableRandom(5);
    ColorJitter.NONE.draw(random);
    assertThat(random.nextLong()).isEqualTo(new SplittableRandom(5).nextLong());

    byte[] file = noiseJpeg(40, 30);
    assertThat(
            ImageTransform.training(16, 0.3, true, ColorJitter.NONE)
                .decode(file, new SplittableRandom(1)))
        .isEqualTo(ImageTransform.training(16, 0.3, true).decode(file, new SplittableRandom(1)));
  }

  @Test
  @DisplayName("changes the colours of the training view, decoded at once or before")
  void changesTheView() throws IOException {
    byte[] file = noiseJpeg(40, 30);
    ImageTransform plain = ImageTransform.training(16, 0.3, true);
    ImageTransform jittered = ImageTransform.training(16, 0.3, true, new ColorJitter(1, 1, 1));

    RgbImage view = jittered.decode(file, new SplittableRandom(1));

    assertThat(view).isNotEqualTo(plain.decode(file, new SplittableRandom(1)));
    assertThat(view).isEqualTo(jittered.apply(ImageDecoder.decode(file), new SplittableRandom(1)));
  }

  @Test
  @DisplayName("refuses strengths that are negative or no numbers")
  void refusesOutOfRange() {
    for (double strength : new double[] {-0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new ColorJitter(0, strength, 0))
          .withMessage("The contrast must be a number of at least 0, not " + strength);
    }
  }
}
