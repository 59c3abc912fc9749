package dev.expanse.jobs.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.image.ColorJitter;
import dev.expanse.core.image.RgbImage;
import dev.expanse.jobs.data.ConfigurationFiles;
import java.util.Arrays;
import java.util.HashSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeTest {
  private static final String SHORTEST =
      "batch = 8, epochs = 1, learning-rate = 0.1, averaging-frequency = 5";

  @Test
  @DisplayName("What a recipe writes, it reads back")
  void roundTrip() {
    var recipe = Recipe.read(ConfigurationFiles.read("recipes", "quick"));

    assertThat(read(recipe.toHocon())).isEqualTo(recipe);
    assertThat(read(read(SHORTEST).toHocon())).isEqualTo(read(SHORTEST));
    var augmented =
        read(SHORTEST + ", augment { brightness = 0.4, contrast = 0.3, saturation = 2 }");
    assertThat(read(augmented.toHocon())).isEqualTo(augmented);
    assertThat(augmented.jitter()).isEqualTo(new ColorJitter(0.4, 0.3, 2));
  }

  @Test
  @DisplayName("What it says of augmentation is done to a training image, and not in evaluation")
  void augmentation() {
    var pixels = new byte[8 * 8 * 3];
    Arrays.fill(pixels, (byte) 100);
    var grey = new RgbImage(8, 8, pixels);
    var bright = read(SHORTEST + ", augment { flip = false, brightness = 0.5 }");

    var levels = new HashSet<Byte>();
    for (int seed = 0; seed < 20; seed++) {
      var random = new SplittableRandom(seed);
      levels.add(bright.trainingTransform(8).apply(grey, random).pixels()[0]);
      assertThat(read(SHORTEST).trainingTransform(8).apply(grey, random)).isEqualTo(grey);
      assertThat(bright.evaluationTransform(8).apply(grey, random)).isEqualTo(grey);
    }
    assertThat(levels).hasSizeGreaterThan(10).allMatch(level -> (level & 0xff) >= 50);
  }

  @Test
  @DisplayName("The linear schedule goes from the learning rate to nothing at the last step")
  void linear() {
    var updater = read(SHORTEST + ", schedule = linear").updater(200);

    assertThat(updater.getLearningRate(0, 0)).isEqualTo(0.1, within(1e-9));
    assertThat(updater.getLearningRate(100, 0)).isEqualTo(0.05, within(1e-9));
    assertThat(updater.getLearningRate(199, 0)).isEqualTo(0.0005, within(1e-9));
    assertThat(read(SHORTEST).updater(200).getLearningRate(199, 0)).isEqualTo(0.1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "batch = 1 | batch = 1: expected a whole number from 2",
        "lerning-rate = 1 | lerning-rate = 1: expected no such key (known: augment",
        "schedule = cosine | schedule = \"cosine\": expected one of constant, linear",
        "augment { scale = 1 } | augment.scale = 1: expected no such key",
        "augment { contrast = -1 } | augment.contrast = -1: expected a number from 0.0",
        "momentum = 1 | momentum = 1: expected a number from 0.0 to 0.9999",
      })
  @DisplayName("What a recipe doesn't know is refused by name")
  void mistakes(String hocon, String message) {
    assertThatThrownBy(() -> read(SHORTEST + ", " + hocon))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message);
    assertThatThrownBy(() -> read("batch = 8"))
        .hasMessageContaining("recipe.conf: epochs is missing");
  }

  private static Recipe read(String hocon) {
    return Recipe.read(Settings.parse(hocon, "recipe.conf"));
  }
}
