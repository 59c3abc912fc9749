package dev.expanse.core.image;

import static dev.expanse.core.image.TestImages.encode;
import static dev.expanse.core.image.TestImages.noiseJpeg;
import static dev.expanse.core.image.TestImages.resource;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Decoding no more than a view")
class ViewTest {

  private static final List<ImageTransform> TRANSFORMS =
      List.of(
          ImageTransform.training(16),
          ImageTransform.training(48, 0.5, false),
          ImageTransform.evaluation(16),
          ImageTransform.evaluation(40),
          ImageTransform.evaluation(24, 1.0));

  @Test
  @DisplayName("gives the pixels of the whole image's view and draws the same random numbers")
  void sameAsOfTheWhole() throws IOException {
    for (byte[] file : files()) {
      RgbImage whole = ImageDecoder.decode(file);
      for (ImageTransform transform : TRANSFORMS) {
        for (long seed = 0; seed < 20; seed++) {
          SplittableRandom random = new SplittableRandom(seed);
          SplittableRandom other = new SplittableRandom(seed);

          RgbImage view = transform.decode(file, random);

          assertThat(view).isEqualTo(transform.apply(whole, other));
          assertThat(random.nextLong()).isEqualTo(other.nextLong());
        }
      }
    }
  }

  private static List<byte[]> files() {
    return List.of(
        noiseJpeg(61, 43),
        noiseJpeg(40, 90),
        noiseJpeg(1, 1),
        resource("baseline.jpg"),
        resource("progressive.jpg"),
        resource("palette.png"),
        encode(new BufferedImage(17, 300, BufferedImage.TYPE_BYTE_GRAY), "png"));
  }
}
