package dev.expanse.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.image.ImageDecoder;
import dev.expanse.core.image.ImageTransform;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewTest {
  @Test
  void ofTrainingIsTheOneThatTheTransformTakes() throws Exception {
    var photograph = Photograph.of(Path.of("made.jpg"), PhotographMaker.make(1));
    var image = ImageDecoder.decode(photograph.file());
    for (int seed = 0; seed < 50; seed++) {
      var view = View.training(photograph, new SplittableRandom(seed));
      var cropped = image.resizedCrop(view.x(), view.y(), view.width(), view.height(), 32, 32);
      assertThat(ImageTransform.training(32).apply(image, new SplittableRandom(seed)))
          .isEqualTo(view.flip() ? cropped.flipHorizontally() : cropped);
    }
  }

  @Test
  void ofEvaluationIsTheSquareInTheMiddle() {
    assertThat(View.evaluation(new Photograph(Path.of("none.jpg"), new byte[0], 500, 400)))
        .isEqualTo(new View(75, 25, 350, 350, false));
  }

  @ParameterizedTest
  @CsvSource({"447, 600, 1", "448, 600, 2", "600, 895, 2", "900, 896, 4", "4000, 1792, 8"})
  void isReducedWhileEnoughPixelsAreLeft(int width, int height, int reduction) {
    assertThat(new View(0, 0, width, height, false).reduction(224)).isEqualTo(reduction);
  }
}
