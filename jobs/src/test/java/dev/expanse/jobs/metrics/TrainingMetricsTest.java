package dev.expanse.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.HubFolders;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.recipe.Recipe;
import dev.expanse.jobs.training.AveragedTraining;
import dev.expanse.jobs.training.Round;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingMetricsTest {
  private static final NetworkSpec SPEC =
      NetworkSpec.read(
          Settings.parse(
              """
              name = small, family = inverted-residual, resolution = 8, classes = 4
              table = [[1, 8, 1, 1, 3]], stem = 8, head = 8
              """,
              "small.conf"));

  /** 36 images: two epochs of 5 steps for two workers, of rounds of 2, 2 and 1. */
  private static final String RECIPE =
      "batch = 4, epochs = 2, learning-rate = 0.05, averaging { frequency = 2 }";

  @TempDir private static Path folder;
  private static Dataset dataset;

  @BeforeAll
  static void prepare() throws IOException {
    var images = ImageFolders.write(folder.resolve("images"), 9, 3);
    dataset = HubFolders.write(images, folder.resolve("hub"), 5);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "averaging.master = expanse",
        "averaging { outer { optimizer = nesterov }, recompute-statistics = 10 }",
        "averaging.master = dl4j",
      })
  @DisplayName("Images, steps and rounds are those that workers were trained on, and no others")
  void averaged(String changes) {
    var rounds = new ArrayList<Round>();
    var training = training(2, changes);

    var before = TrainingMetrics.here().values();
    Dl4jModel.close(training.run(rounds::add));
    var after = TrainingMetrics.here().values();

    requireCounted(before, after, rounds);
    assertThat(after.get("queues")).as("closed at the end").isEqualTo(before.get("queues"));
  }

  @Test
  @DisplayName("A training within one task is counted in the same way")
  void inOneTask() {
    var rounds = new ArrayList<Round>();
    var training = training(1, "averaging.recompute-statistics = 10").inOneTask();

    var before = TrainingMetrics.here().values();
    training.toTheEnd(
        AveragedTraining.newId(),
        Optional.empty(),
        LocalSpark.context().hadoopConfiguration(),
        rounds::add);

    requireCounted(before, TrainingMetrics.here().values(), rounds);
  }

  private static AveragedTraining training(int workers, String changes) {
    var recipe =
        Recipe.read(Settings.parse(RECIPE, "recipe.conf"), Settings.parse(changes, "changes.conf"));
    return new AveragedTraining(
        LocalSpark.context(), dataset, SPEC, recipe, workers, new Compute(Engine.ONEDNN, 1), 7);
  }

  private static void requireCounted(
      Map<String, Double> before, Map<String, Double> after, List<Round> rounds) {
    var last = rounds.get(rounds.size() - 1);
    assertThat(after.get("images") - before.get("images")).isEqualTo(last.images()).isEqualTo(72);
    // all workers' steps, of which the report of Deeplearning4j's master says nothing
    assertThat(after.get("steps") - before.get("steps")).isBetween(18.0, 20.0);
    assertThat(after.get("rounds") - before.get("rounds")).isEqualTo(rounds.size());
    assertThat(after.get("round_loss")).isEqualTo(last.loss());
    double images = last.images() - rounds.get(rounds.size() - 2).images();
    assertThat(after.get("round_images_per_second"))
        .isCloseTo(images / last.seconds(), within(1e-9));
    assertThat(after.get("step_loss")).isPositive();
  }

  @Test
  @DisplayName("The depth of the queues is that of all that are open")
  void queues() {
    var metrics = new TrainingMetrics();
    IntSupplier two = () -> 2;
    IntSupplier one = () -> 1;
    metrics.opened(two);
    metrics.opened(one);
    assertThat(metrics.values()).containsEntry("queues", 2.0).containsEntry("queue_depth", 3.0);

    metrics.closed(two);
    assertThat(metrics.values()).containsEntry("queues", 1.0).containsEntry("queue_depth", 1.0);
  }
}
