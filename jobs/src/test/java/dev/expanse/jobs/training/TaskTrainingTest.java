package dev.expanse.jobs.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Weights;
import dev.expanse.jobs.HubFolders;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TaskTrainingTest {
  private static final NetworkSpec SPEC =
      NetworkSpec.read(
          Settings.parse(
              """
              name = small, family = inverted-residual, resolution = 8, classes = 4, dropout = 0.2
              table = [[1, 8, 1, 1, 3]], stem = 8, head = 8
              """,
              "small.conf"));
  private static final String RECIPE =
      "batch = 4, epochs = 3, learning-rate = 0.05, schedule = cosine, averaging { frequency = 2 }";

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
        "epochs = 2",
        "averaging { outer { optimizer = nesterov }, ema = 0.9, recompute-statistics = 10 }",
        "optimizer { name = adamw }, averaging { updater = reset, warm-up-steps = 3 }, mixup = 0.3",
        "gradient-clipping = 0.5, augment { brightness = 0.4 }, label-smoothing = 0.1",
        "images = 80, evaluation { every-epochs = 1, patience = 1 }",
      })
  @DisplayName("In one task a training ends with the bits of averaged training with one worker")
  void sameAsAveraged(String changes) {
    for (var engine : List.of(Engine.ONEDNN, Engine.STOCK)) {
      var averaged = training(changes, engine);
      var losses = new ArrayList<Double>();
      var graph = averaged.run(round -> losses.add(round.loss()));

      var alone = new ArrayList<Double>();
      var result =
          training(changes, engine)
              .inOneTask()
              .toTheEnd("a", Optional.empty(), hadoop(), round -> alone.add(round.loss()));

      assertThat(alone).isNotEmpty().isEqualTo(losses);
      assertThat(parameters(result.weights())).isEqualTo(parameters(weights(graph)));
      var counts = averaged.evaluate(graph);
      assertThat(result.counts().loss()).isEqualTo(counts.loss());
      assertThat(result.counts().top1()).isEqualTo(counts.top1());
      Dl4jModel.close(graph);
    }
  }

  @Test
  @DisplayName("Stopped between rounds and gone on from its state, it ends with the same bits")
  void stopped() {
    var changes =
        "averaging { outer { optimizer = nesterov }, ema = 0.9, recompute-statistics = 8 }";
    var whole =
        training(changes, Engine.ONEDNN)
            .inOneTask()
            .toTheEnd("a", Optional.empty(), hadoop(), round -> {});
    var rounds = new ArrayList<Round>();

    var task = training(changes, Engine.ONEDNN).inOneTask();
    var first = task.until(40, "a", Optional.empty(), hadoop(), rounds::add);
    int before = rounds.size();
    var rest = task.toTheEnd("a", first.state(), hadoop(), rounds::add);

    assertThat(rounds.get(before - 1).images()).isGreaterThanOrEqualTo(40);
    assertThat(rounds.get(before - 2).images()).isLessThan(40);
    assertThat(rounds).extracting(Round::number).doesNotHaveDuplicates().isSorted();
    assertThat(rounds.get(rounds.size() - 1).images()).isEqualTo(task.images());
    assertThat(parameters(rest.weights())).isEqualTo(parameters(whole.weights()));
  }

  @Test
  @DisplayName("Evaluated where it stops, it is what would be used if that were the end")
  void evaluatedAside() {
    var changes = "schedule = constant";
    var shorter =
        training(changes + ", epochs = 1", Engine.ONEDNN)
            .inOneTask()
            .toTheEnd("a", Optional.empty(), hadoop(), round -> {});

    var task = training(changes, Engine.ONEDNN).inOneTask();
    var stopped = task.until(task.imagesAnEpoch(), "a", Optional.empty(), hadoop(), round -> {});

    assertThat(stopped.counts().loss()).isEqualTo(shorter.counts().loss());
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "averaging.recompute-statistics = 16",
        "learning-rate = 0.5, epochs = 8, evaluation { every-epochs = 1, patience = 3 }",
      })
  @DisplayName("Evaluated where it stops, it has the statistics and the best weights of an end")
  void evaluatedAtTheEnd(String changes) {
    var task = training(changes, Engine.ONEDNN).inOneTask();
    var whole = task.toTheEnd("a", Optional.empty(), hadoop(), round -> {});

    var stopped = task.until(task.images(), "a", Optional.empty(), hadoop(), round -> {});

    assertThat(stopped.counts().loss()).isEqualTo(whole.counts().loss());
  }

  @Test
  @DisplayName("Two workers, or Deeplearning4j's master, are refused")
  void refused() {
    assertThatThrownBy(() -> training("batch = 4", Engine.ONEDNN, 2).inOneTask())
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("workers = 2: expected 1 for a training in one task");
    assertThatThrownBy(() -> training("averaging.master = dl4j", Engine.ONEDNN).inOneTask())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("averaging.master = dl4j: expected expanse");
  }

  private static AveragedTraining training(String changes, Engine engine) {
    return training(changes, engine, 1);
  }

  private static AveragedTraining training(String changes, Engine engine, int workers) {
    var recipe = Recipe.read(Settings.parse(RECIPE, "recipe"), Settings.parse(changes, "changes"));
    var compute = new Compute(engine, 1);
    return new AveragedTraining(LocalSpark.context(), dataset, SPEC, recipe, workers, compute, 7);
  }

  private static org.apache.hadoop.conf.Configuration hadoop() {
    return LocalSpark.context().hadoopConfiguration();
  }

  private static Weights weights(ComputationGraph graph) {
    return Dl4jModel.weights(SPEC.network(), graph);
  }

  /** All of them, in the network's order. */
  private static List<Float> parameters(Weights weights) {
    var values = new ArrayList<Float>();
    for (var node : SPEC.network().nodes()) {
      for (var parameter : Weights.sizes(node).keySet()) {
        for (float value : weights.get(node, parameter)) {
          values.add(value);
        }
      }
    }
    assertThat(values).hasSizeGreaterThan(100);
    return values;
  }
}
