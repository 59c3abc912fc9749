package dev.expanse.jobs.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.jobs.data.ConfigurationFiles;
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
