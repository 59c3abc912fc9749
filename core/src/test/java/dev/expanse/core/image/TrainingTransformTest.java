package dev.expanse.core.image;

import static dev.expanse.core.image.TestImages.pattern;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The training transform")
class TrainingTransformTest {

  private static final int DRAWS = 20_000;

  @Test
  @DisplayName("crops inside the image, whatever its shape")
  void staysInside() {
    SplittableRandom random = new SplittableRandom(1);
    RandomResizedCrop crop = new RandomResizedCrop(8, 0.08, true, ColorJitter.NONE);
    for (int[] size : new int[][] {{1, 1}, {1, 50}, {50, 1}, {2, 3}, {64, 64}, {60, 45}}) {
      for (int draw = 0; draw < 2000; draw++) {
        Region region = crop.region(size[0], size[1], random);
        assertThat(region.x()).isNotNegative();
        assertThat(region.y()).isNotNegative();
        assertThat(region.width()).isBetween(1, size[0] - region.x());
        assertThat(region.height()).isBetween(1, size[1] - region.y());
      }
    }
  }

  @Test
  @DisplayName("gives the asked-for side and the same result for the same seed")
  void isDeterministic() {
    RgbImage image = pattern(90, 70);
    ImageTransform transform = ImageTransform.training(32);

    RgbImage once = transform.apply(image, new SplittableRandom(7));

    assertThat(once).hasToString("RgbImage[32 x 32]");
    assertThat(transform.apply(image, new SplittableRandom(7))).isEqualTo(once);
    assertThat(transform.apply(image, new SplittableRandom(8))).isNotEqualTo(once);
  }

  @Test
  @DisplayName("resizes just the region it drew")
  void resizesTheRegion() {
    RgbImage image = pattern(90, 70);
    RandomResizedCrop crop = new RandomResizedCrop(16, 0.2, false, ColorJitter.NONE);

    Region region = crop.region(90, 70, new SplittableRandom(3));

    assertThat(crop.apply(image, new SplittableRandom(3)))
        .isEqualTo(
            image.crop(region.x(), region.y(), region.width(), region.height()).resize(16, 16));
  }

  @Test
  @DisplayName("draws areas evenly from the smallest scale to the whole")
  void drawsAreasEvenly() {
    double[] areas = regionsOfASquare(11).mapToDouble(TrainingTransformTest::area).toArray();

    assertThat(Arrays.stream(areas).min().orElseThrow()).isBetween(0.079, 0.082);
    assertThat(Arrays.stream(areas).max().orElseThrow()).isGreaterThan(0.98);
    double[] fitting = Arrays.stream(areas).filter(area -> area < 0.74).sorted().toArray();
    assertThat(fitting[fitting.length / 4]).isCloseTo(0.245, within(0.015));
    assertThat(fitting[fitting.length / 2]).isCloseTo(0.41, within(0.015));
    assertThat(fitting[fitting.length * 3 / 4]).isCloseTo(0.575, within(0.015));
  }

  @Test
  @DisplayName("draws ratios from 3/4 to 4/3, their logarithms evenly")
  void drawsRatiosEvenly() {
    double[] logs =
        regionsOfASquare(13)
            .filter(region -> area(region) < 0.74)
            .mapToDouble(region -> Math.log(region.width() / (double) region.height()))
            .sorted()
            .toArray();

    double limit = Math.log(4.0 / 3);
    assertThat(logs[0]).isBetween(-limit - 0.002, -limit + 0.01);
    assertThat(logs[logs.length - 1]).isBetween(limit - 0.01, limit + 0.002);
    assertThat(logs[logs.length / 4]).isCloseTo(-limit / 2, within(0.01));
    assertThat(logs[logs.length / 2]).isCloseTo(0, within(0.01));
    assertThat(logs[logs.length * 3 / 4]).isCloseTo(limit / 2, within(0.01));
  }

  /** Regions of which those below 3/4 of the area fit at every ratio, so that none is redrawn. */
  private static Stream<Region> regionsOfASquare(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RandomResizedCrop crop = new RandomResizedCrop(8, 0.08, true, ColorJitter.NONE);
    return Stream.generate(() -> crop.region(4000, 4000, random)).limit(DRAWS);
  }

  private static double area(Region region) {
    return region.width() / 4000.0 * region.height() / 4000.0;
  }

  @Test
  @DisplayName("draws every position as often")
  void drawsPositionsEvenly() {
    SplittableRandom random = new SplittableRandom(17);
    RandomResizedCrop crop = new RandomResizedCrop(8, 0.08, true, ColorJitter.NONE);
    double sumX = 0;
    double sumY = 0;
    for (int i = 0; i < DRAWS; i++) {
      Region region = crop.region(1000, 800, random);
      sumX += (region.x() + region.width() / 2.0) / 1000;
      sumY += (region.y() + region.height() / 2.0) / 800;
    }
    assertThat(sumX / DRAWS).isCloseTo(0.5, within(0.005));
    assertThat(sumY / DRAWS).isCloseTo(0.5, within(0.005));
  }

  @Test
  @DisplayName("reaches every edge")
  void reachesTheEdges() {
    SplittableRandom random = new SplittableRandom(29);
    RandomResizedCrop crop = new RandomResizedCrop(8, 0.08, true, ColorJitter.NONE);
    Region[] regions =
        Stream.generate(() -> crop.region(6, 5, random)).limit(500).toArray(Region[]::new);

    assertThat(regions).anyMatch(r -> r.x() == 0 && r.width() < 6);
    assertThat(regions).anyMatch(r -> r.y() == 0 && r.height() < 5);
    assertThat(regions).anyMatch(r -> r.x() > 0 && r.x() + r.width() == 6);
    assertThat(regions).anyMatch(r -> r.y() > 0 && r.y() + r.height() == 5);
  }

  @Test
  @DisplayName("falls back to the largest central region of a permitted ratio")
  void fallsBackToTheCenter() {
    // The whole area of so narrow an image is never one of a permitted ratio.
    RandomResizedCrop whole = new RandomResizedCrop(8, 1.0, false, ColorJitter.NONE);

    assertThat(whole.region(30, 300, new SplittableRandom(1)))
        .isEqualTo(new Region(0, 130, 30, 40));
    assertThat(whole.region(300, 30, new SplittableRandom(1)))
        .isEqualTo(new Region(130, 0, 40, 30));
  }

  @Test
  @DisplayName("mirrors half of the images, or none")
  void mirrorsHalf() {
    RgbImage image = pattern(8, 6);
    ImageTransform mirroring = ImageTransform.training(4, 1.0, true);
    ImageTransform never = ImageTransform.training(4, 1.0, false);
    int mirrored = 0;
    for (long seed = 0; seed < 1000; seed++) {
      RgbImage plain = never.apply(image, new SplittableRandom(seed));
      RgbImage perhaps = mirroring.apply(image, new SplittableRandom(seed));
      if (!perhaps.equals(plain)) {
        assertThat(perhaps).isEqualTo(plain.flipHorizontally());
        mirrored++;
      }
    }
    assertThat(mirrored).isBetween(430, 570);
  }

  @Test
  @DisplayName("refuses sides and scales out of range")
  void refusesOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageTransform.training(0))
        .withMessage("The side must be at least 1, not 0");
    for (double scale : new double[] {0, -1, 1.5, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ImageTransform.training(8, scale, true))
          .withMessage("The smallest scale must be above 0 and at most 1, not " + scale);
    }
  }
}
