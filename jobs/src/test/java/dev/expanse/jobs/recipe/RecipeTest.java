package dev.expanse.jobs.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.WeightPenalty;
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
import org.junit.jupiter.params.provider.ValueSource;

class RecipeTest {
  private static final String SHORTEST =
      "batch = 8, epochs = 1, learning-rate = 0.1, averaging { frequency = 5 }";

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "batch = 9",
        "seed = 7, initial-weights = fan-out, dropout = 0",
        "augment { brightness = 0.4, contrast = 0.3, saturation = 2, flip = false }",
        "optimizer { momentum = 0.5, nesterov = false }, schedule = cosine",
        "optimizer { name = rmsprop, epsilon = 1e-10 }, weight-decay = 1e-5",
        "optimizer { name = adamw, beta2 = 0.99 }, label-smoothing = 0.1, mixup = 0.2",
        "schedule { name = step, every-epochs = 2.4, factor = 0.97, warm-up-epochs = 0.5 }",
        "averaging { outer { optimizer = nesterov, momentum = 0.9 }, ema = 0.999 }",
        "averaging { master = dl4j }, gradient-clipping = 2",
        "averaging { updater = reset, warm-up-steps = 9, recompute-statistics = 1000 }",
        "evaluation { every-epochs = 2, patience = 3 }",
      })
  @DisplayName("What a recipe writes, it reads back")
  void roundTrip(String changes) {
    var recipe = read(SHORTEST + ", " + changes);

    assertThat(read(recipe.toHocon())).isEqualTo(recipe);
    assertThat(Recipe.difference(read(recipe.toHocon()), recipe)).isEmpty();
    assertThat(recipe.toHocon()).doesNotContain("\n");
  }

  @Test
  @DisplayName("First weights by fan-in are not written, as before there was a choice")
  void storedText() {
    assertThat(read(SHORTEST + ", initial-weights = fan-in").toHocon())
        .isEqualTo(read(SHORTEST).toHocon())
        .doesNotContain("initial-weights");
    assertThatThrownBy(() -> read(SHORTEST + ", initial-weights = fan"))
        .hasMessageContaining("initial-weights = \"fan\": expected one of fan-in, fan-out");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "nesterov"})
  @DisplayName("The recipes that compare averagings differ from one worker's in nothing else")
  void comparison(String name) {
    var folder = "../conf/experiments/averaging/";
    var one = Recipe.read(ConfigurationFiles.read("recipes", folder + "one-worker.conf"));
    var four = Recipe.read(ConfigurationFiles.read("recipes", folder + name + ".conf"));

    assertThat(4 * four.batch()).isEqualTo(one.batch());
    assertThat(four.averaging()).isNotEqualTo(one.averaging());
    var same =
        Settings.parse(
            "batch = 64, averaging { warm-up-steps = 0, recompute-statistics = 0, outer { optimizer = average } }",
            "changes.conf");
    assertThat(Recipe.read(ConfigurationFiles.read("recipes", folder + name + ".conf"), same))
        .isEqualTo(one);
  }

  @ParameterizedTest
  @ValueSource(strings = {"quick", "imagenet100", "paper-style"})
  @DisplayName("The recipes that come with Expanse can be read, and read back")
  void readable(String name) {
    var recipe = Recipe.read(ConfigurationFiles.read("recipes", name));

    assertThat(read(recipe.toHocon())).isEqualTo(recipe);
    assertThat(recipe.optimizer())
        .isEqualTo(
            name.equals("paper-style")
                ? new Optimizer.RmsProp(0.9, 0.9, 1)
                : new Optimizer.Sgd(0.9, true));
  }

  @Test
  @DisplayName("The quick recipe has the values of its file")
  void quick() {
    var recipe = Recipe.read(ConfigurationFiles.read("recipes", "quick"));

    assertThat(recipe.averaging())
        .isEqualTo(
            new Averaging(Averaging.Master.EXPANSE, 8, 0, true, Averaging.Outer.AVERAGE, 0, 0));
    assertThat(recipe.evaluation()).isEqualTo(new Evaluation(1, 64, 0, 0));
    assertThat(recipe.augmentation())
        .isEqualTo(new Augmentation(0.6, true, new ColorJitter(0, 0, 0)));
    assertThat(recipe.seed()).isEmpty();
    assertThat(read(SHORTEST + ", seed = 7").seed()).hasValue(7);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "optimizer { momentum = 0.9 } | optimizer { momentum = 0.8 } | optimizer.momentum = 0.9, not 0.8",
        "epochs = 3 | epochs = 4 | epochs = 3, not 4",
        "seed = 3 | batch = 8 | seed = 3, not none",
        "batch = 8 | dropout = 0.1 | dropout = none, not 0.1",
        "batch = 8 | averaging { ema = 0.9 } | averaging.ema = 0.0, not 0.9",
        "batch = 8 | optimizer { name = adamw } | optimizer.name = sgd, not adamw",
      })
  @DisplayName("The first key that differs between two recipes is named with both values")
  void difference(String a, String b, String difference) {
    assertThat(Recipe.difference(read(SHORTEST + ", " + a), read(SHORTEST + ", " + b)))
        .hasValue(difference);
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

  @ParameterizedTest(name = "{0} at step {1}")
  @CsvSource({
    "constant,    0,   0.1",
    "constant,    199, 0.1",
    "linear,      0,   0.1",
    "linear,      100, 0.05",
    "linear,      199, 0.0005",
    "cosine,      50,  0.0853553391", // (1 + cos(pi / 4)) / 2
    "cosine,      100, 0.05",
    "step,        24,  0.1",
    "step,        25,  0.05", // 2.5 epochs of 10 steps
    "step,        199, 7.8125e-4",
    "exponential, 5,   0.0870550563", // 0.5 ^ (5 / 25)
    "exponential, 50,  0.025",
  })
  @DisplayName("Over 20 epochs of 10 steps each schedule has the values of its formula")
  void schedules(String name, int step, double expected) {
    var factor = name.matches("step|exponential") ? ", every-epochs = 2.5, factor = 0.5" : "";
    var plain = read(SHORTEST + ", schedule { name = " + name + factor + " }");
    var warm = "warm-up-epochs = 1.5";
    var later = read(SHORTEST + ", schedule { name = " + name + ", " + warm + factor + " }");

    assertThat(plain.updater(200, 10).getLearningRate(step, 0)).isEqualTo(expected, within(1e-9));
    var warmed = later.updater(215, 10);
    assertThat(warmed.getLearningRate(15 + step, 0)).isEqualTo(expected, within(1e-9));
    assertThat(warmed.getLearningRate(0, 0)).isEqualTo(0.1 / 15, within(1e-9));
    assertThat(warmed.getLearningRate(7, 0)).isEqualTo(0.1 * 8 / 15, within(1e-9));
    assertThat(warmed.getLearningRate(14, 0)).isEqualTo(0.1, within(1e-9));
  }

  @Test
  @DisplayName("An epoch's last step has what is left over; so has a run of so many images")
  void length() {
    var epochs = read(SHORTEST.replace("epochs = 1", "epochs = 3")).length();
    var images = read(SHORTEST.replace("epochs = 1", "images = 150")).length();

    // 68 images, 16 a step: 4 steps and one of 4 images
    assertThat(epochs.steps(68, 16)).isEqualTo(15);
    assertThat(epochs.epochs(68)).isEqualTo(3);
    // two epochs, then 14 images
    assertThat(images.steps(68, 16)).isEqualTo(11);
    assertThat(images.epochs(68)).isEqualTo(3);
    assertThat(images.steps(75, 16)).isEqualTo(10);
    assertThat(images.epochs(75)).isEqualTo(2);
    assertThat(images.epochs(1000)).isEqualTo(1);
    assertThatThrownBy(() -> read(SHORTEST).updater(1L << 31, 1 << 20))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("recipe: epochs = 1: makes 2,147,483,648 steps");
  }

  @Test
  @DisplayName("Weights decay beside the updater with AdamW, by their gradient with the others")
  void weightDecay() {
    assertThat(read(SHORTEST + ", weight-decay = 0.1").weightDecay())
        .isEqualTo(new WeightPenalty(0.1, false));
    assertThat(read(SHORTEST + ", optimizer { name = adamw }").weightDecay())
        .isEqualTo(new WeightPenalty(4e-5, true));
  }

  @Test
  @DisplayName("A change of optimizer, schedule or length takes nothing of the old one with it")
  void changes() {
    var recipe =
        """
        batch = 8, epochs = 1, learning-rate = 0.1
        optimizer { name = rmsprop, epsilon = 1e-3 }
        schedule { name = step, every-epochs = 2, factor = 0.5 }
        averaging { frequency = 5, ema = 0.9, outer { optimizer = nesterov, momentum = 0.9 } }
        """;

    assertThat(
            changed(
                recipe,
                """
                images = 100, optimizer { name = sgd }, schedule = cosine
                averaging { frequency = 3, outer { optimizer = average } }
                """))
        .isEqualTo(
            read(
                """
                batch = 8, images = 100, learning-rate = 0.1, schedule = cosine
                averaging { frequency = 3, ema = 0.9 }
                """));
    assertThat(changed(recipe, "optimizer { decay = 0.99 }, schedule { factor = 0.1 }"))
        .isEqualTo(read(recipe + "optimizer { decay = 0.99 }, schedule { factor = 0.1 }"));
  }

  private static Recipe changed(String recipe, String changes) {
    return Recipe.read(
        Settings.parse(recipe, "recipe.conf"), Settings.parse(changes, "changes.conf"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "batch = 1 | batch = 1: expected a whole number from 2",
        "images = 5 | images = 5: expected either images or epochs, not both",
        "lerning-rate = 1 | lerning-rate = 1: expected no such key (known: augment",
        "schedule = cosines | schedule = \"cosines\": expected one of constant, cosine, exponential, linear, step",
        "schedule = step | schedule = \"step\": expected { name = step, every-epochs",
        "schedule { name = cosine, factor = 1 } | schedule.factor = 1: expected no such key (known: name, warm-up-epochs)",
        "schedule { name = step, factor = 1 } | schedule.every-epochs is missing",
        "optimizer = adamw | optimizer = \"adamw\": expected an object",
        "optimizer { name = adam } | optimizer.name = \"adam\": expected one of adamw, rmsprop, sgd",
        "optimizer { beta1 = 0.5 } | optimizer.beta1 = 0.5: expected no such key (known: momentum, name, nesterov)",
        "optimizer { name = adamw, momentum = 0.5 } | optimizer.momentum = 0.5: expected no such key (known: beta1, beta2",
        "optimizer { name = rmsprop, nesterov = true } | (known: decay, epsilon, momentum, name)",
        "optimizer { momentum = 1 } | optimizer.momentum = 1: expected a number from 0.0 to 0.9999",
        "momentum = 0.9 | momentum = 0.9: expected no such key",
        "augment { scale = 1 } | augment.scale = 1: expected no such key",
        "augment { contrast = -1 } | augment.contrast = -1: expected a number from 0.0",
        "averaging { outer { momentum = 0.5 } } | averaging.outer.momentum = 0.5: expected no such key (known: optimizer)",
        "averaging { frequency = 0 } | averaging.frequency = 0: expected a whole number from 1",
        "averaging { master = dl4j, ema = 0.9 } | averaging.ema = 0.9: expected 0 where averaging.master is dl4j",
        "averaging { master = dl4j, updater = reset } | averaging.updater = \"reset\": expected average where",
        "averaging { master = dl4j, warm-up-steps = 1 } | averaging.warm-up-steps = 1: expected 0 where",
        "averaging { master = dl4j, recompute-statistics = 1 } | averaging.recompute-statistics = 1: expected 0 where",
        "averaging { master = dl4j, outer { optimizer = momentum } } | averaging.outer.optimizer = \"momentum\": expected average where",
        "evaluation { patience = 2 } | evaluation.patience = 2: expected 0 where evaluation.every-epochs is 0",
      })
  @DisplayName("What a recipe doesn't know is refused by name")
  void mistakes(String hocon, String message) {
    assertThatThrownBy(() -> read(SHORTEST + ", " + hocon))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message);
    assertThatThrownBy(() -> read("batch = 8"))
        .hasMessageContaining("recipe.conf: epochs is missing");
    assertThatThrownBy(() -> read("batch = 8, epochs = 1, learning-rate = 1"))
        .hasMessageContaining("recipe.conf: averaging.frequency is missing");
  }

  private static Recipe read(String hocon) {
    return Recipe.read(Settings.parse(hocon, "recipe.conf"));
  }
}
