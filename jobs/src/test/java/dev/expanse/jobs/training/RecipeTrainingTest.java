package dev.expanse.jobs.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.HubFolders;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.ConfigurationFiles;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.recipe.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class RecipeTrainingTest {
  private static final String SMALL =
      """
      name = small, family = inverted-residual, resolution = 8, classes = 4
      table = [[1, 8, 1, 1, 3]], stem = 8, head = 16, dropout = %s
      """;
  private static final String SHORT =
      "batch = 8, epochs = 1, learning-rate = 0.05, averaging { frequency = 2 }";

  @TempDir private static Path folder;
  private static Dataset dataset;

  @BeforeAll
  static void write() {
    var images = ImageFolders.write(folder.resolve("images"), 16, 1);
    dataset = HubFolders.write(images, folder.resolve("hub"), 4);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "quick | optimizer { nesterov = false }, learning-rate = 0.05",
        "imagenet100 | schedule { warm-up-epochs = 1 }, mixup = 0.2, gradient-clipping = 5",
        "paper-style | dropout = 0.1",
        "quick | optimizer { name = adamw }, learning-rate = 0.01, schedule = cosine, weight-decay = 0.05",
      })
  @DisplayName("Each recipe that comes with Expanse, and each optimizer, lowers the loss")
  void learns(String name, String changes) {
    var shipped = ConfigurationFiles.read("recipes", name);
    var shorter = "batch = 8, epochs = 8, averaging { frequency = 4 }, " + changes;
    var recipe = Recipe.read(shipped, Settings.parse(shorter, "changes.conf"));
    var losses = new ArrayList<Double>();

    var graph = training(recipe, "0.2").run(round -> losses.add(round.loss()));

    assertThat(losses).hasSize(8);
    assertThat(losses.get(6) + losses.get(7)).isLessThan(0.8 * (losses.get(0) + losses.get(1)));
    assertThat(graph.params().isNaN().any()).isFalse();
  }

  @Test
  @DisplayName("A recipe's dropout takes the place of the network's")
  void dropout() {
    var none = trained(SHORT, "0");

    assertThat(trained(SHORT + ", dropout = 0", "0.5")).isEqualTo(none);
    assertThat(trained(SHORT, "0.5")).isNotEqualTo(none);
  }

  @Test
  @DisplayName("Training begins with weights by the recipe's fan")
  void fan() {
    var still = SHORT + ", weight-decay = 0, learning-rate = 1e-9";

    // 9 values of one input each by fan-in, of 8 outputs by fan-out
    double in = deviation(still, "stage1.1.depthwise.act_W");
    double out = deviation(still + ", initial-weights = fan-out", "stage1.1.depthwise.act_W");
    assertThat(out).isCloseTo(in / Math.sqrt(8), within(1e-6));
  }

  private static double deviation(String recipe, String parameter) {
    var read = Recipe.read(Settings.parse(recipe, "recipe.conf"));
    var table = training(read, "0").run(round -> {}).paramTable();
    assertThat(table).containsKey(parameter);
    return table.get(parameter).stdNumber().doubleValue();
  }

  @Test
  @DisplayName(
      "Where gradients are clipped to next to nothing, weights stay next to where they were")
  void clipping() {
    var still = ", weight-decay = 0, optimizer { momentum = 0 }";
    var start = classifier(SHORT + still + ", learning-rate = 1e-9");

    double free = classifier(SHORT + still).distance2(start);
    double clipped = classifier(SHORT + still + ", gradient-clipping = 1e-3").distance2(start);

    // 4 steps of at most 0.05 times 0.001
    assertThat(clipped).isPositive().isLessThanOrEqualTo(2.1e-4);
    assertThat(free).isGreaterThan(10 * clipped);
  }

  private static INDArray classifier(String recipe) {
    var read = Recipe.read(Settings.parse(recipe, "recipe.conf"));
    return training(read, "0").run(round -> {}).paramTable().get("classifier_W");
  }

  private static INDArray trained(String recipe, String dropout) {
    var read = Recipe.read(Settings.parse(recipe, "recipe.conf"));
    return training(read, dropout).run(round -> {}).params();
  }

  private static AveragedTraining training(Recipe recipe, String dropout) {
    var spec = NetworkSpec.read(Settings.parse(SMALL.formatted(dropout), "small.conf"));
    return new AveragedTraining(
        LocalSpark.context(), dataset, spec, recipe, 2, new Compute(Engine.ONEDNN, 1), 1);
  }
}
