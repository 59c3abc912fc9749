package dev.expanse.jobs.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.HubFolders;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.averaging.GraphState;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.recipe.Averaging.Master;
import dev.expanse.jobs.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingRunTest {
  private static final NetworkSpec SPEC =
      NetworkSpec.read(
          Settings.parse(
              """
              name = small, family = inverted-residual, resolution = 8, classes = 4, dropout = 0.2
              table = [[1, 8, 1, 1, 3]], stem = 8, head = 8
              """,
              "small.conf"));
  private static final String RECIPE =
      "batch = 4, epochs = 2, learning-rate = 0.05, averaging { frequency = 2 }";

  @TempDir private static Path folder;
  private static Dataset dataset;

  @BeforeAll
  static void prepare() throws IOException {
    var images = ImageFolders.write(folder.resolve("images"), 9, 3);
    dataset = HubFolders.write(images, folder.resolve("hub"), 5);
  }

  /** Remembers all that it is told. */
  private static final class Memory implements TrainingWatcher {
    private final List<Round> rounds = new ArrayList<>();
    private final List<Evaluated> evaluations = new ArrayList<>();
    private final List<TrainingState> states = new ArrayList<>();

    @Override
    public void round(Round round) {
      rounds.add(round);
    }

    @Override
    public void evaluated(Evaluated evaluation) {
      evaluations.add(evaluation);
    }

    @Override
    public void resumable(
        Round round, boolean last, OptionalDouble top1, Supplier<TrainingState> state) {
      states.add(state.get());
    }
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "averaging { outer { optimizer = nesterov }, ema = 0.9, recompute-statistics = 10 }",
        "optimizer { name = adamw }, averaging { updater = reset, warm-up-steps = 3 }, mixup = 0.3",
        "images = 50, evaluation { every-epochs = 1, patience = 3 }, averaging.master = dl4j",
      })
  @DisplayName("From its state after any round a training goes on to the same weights, bit for bit")
  void resumes(String changes) {
    var recipe = recipe(changes);
    var whole = new Memory();
    var weights = run(recipe, Optional.empty(), whole);

    assertThat(whole.states.size()).isGreaterThan(2);
    for (int i = 0; i < whole.states.size(); i++) {
      var kept = TrainingState.of(whole.states.get(i).toCheckpoint(), "a checkpoint");
      var rest = new Memory();

      assertThat(run(recipe, Optional.of(kept), rest)).isEqualTo(weights);
      assertThat(rest.rounds)
          .extracting(Round::loss)
          .isEqualTo(whole.rounds.stream().skip(i + 1).map(Round::loss).toList());
      assertThat(rest.rounds).allMatch(round -> round.rounds() == whole.rounds.size());
    }
  }

  @Test
  @DisplayName("The outer optimizer moves nothing before the warm-up is over")
  void outerAfterWarmUp() {
    var plain = new Memory();
    var outer = new Memory();
    run(recipe("averaging.warm-up-steps = 3"), Optional.empty(), plain);
    run(
        recipe("averaging { warm-up-steps = 3, outer { optimizer = nesterov } }"),
        Optional.empty(),
        outer);

    for (int round = 0; round < plain.states.size(); round++) {
      var same =
          Arrays.equals(plain.states.get(round).parameters(), outer.states.get(round).parameters());
      assertThat(same).isEqualTo(plain.rounds.get(round).step() <= 3);
    }
    assertThat(plain.rounds).hasSizeGreaterThan(3);
  }

  @Test
  @DisplayName("The moving average is that of the averaged weights, a step's decay for each step")
  void movingAverage() {
    var memory = new Memory();
    var used = run(recipe("averaging { ema = 0.6 }"), Optional.empty(), memory);

    var expected = memory.states.get(0).parameters().clone();
    long steps = memory.rounds.get(0).step();
    for (int i = 1; i < memory.states.size(); i++) {
      var weights = memory.states.get(i).parameters();
      double kept = Math.pow(0.6, memory.rounds.get(i).step() - steps);
      steps = memory.rounds.get(i).step();
      for (int p = 0; p < expected.length; p++) {
        expected[p] = (float) (kept * expected[p] + (1 - kept) * weights[p]);
      }
    }
    assertThat(used).isNotEqualTo(memory.states.get(memory.states.size() - 1).parameters());
    assertThat(used).usingComparatorWithPrecision(1e-5f).containsExactly(expected);
  }

  @Test
  @DisplayName("A training whose top-1 does not rise stops early, with the weights that were best")
  void stopsEarly() {
    var memory = new Memory();
    var still = "epochs = 9, learning-rate = 1e-9, evaluation { every-epochs = 1, patience = 2 }";
    var used =
        run(recipe(still + ", averaging.outer.optimizer = average"), Optional.empty(), memory);

    assertThat(memory.evaluations).hasSizeBetween(3, 8); // the norms' statistics still move
    var top1 = memory.evaluations.stream().map(each -> each.counts().top1()).toList();
    int best = top1.indexOf(top1.stream().max(Double::compare).orElseThrow());
    assertThat(best).isEqualTo(memory.evaluations.size() - 3);
    int round = memory.evaluations.get(best).round().number();
    var kept = memory.states.get(round - 1).parameters();
    assertThat(used).isEqualTo(kept);
    var anew = still + ", averaging.recompute-statistics = 12";
    assertThat(run(recipe(anew), Optional.empty(), new Memory()))
        .as("statistics are computed anew for the best weights, too")
        .isNotEqualTo(kept);
  }

  @Test
  @DisplayName("A loss that is lost ends the training with its round")
  void diverges() {
    var recipe = recipe("learning-rate = 90, epochs = 20, optimizer { momentum = 0.99 }");

    assertThatThrownBy(() -> run(recipe, Optional.empty(), new Memory()))
        .isInstanceOf(DivergedException.class)
        .hasMessageMatching("the loss is .* after round \\d+ \\(epoch \\d+\\), and was .*");
  }

  @Test
  @DisplayName("A round says where its time went and how many bytes moved")
  void reports() {
    var memory = new Memory();
    run(recipe("schedule = linear"), Optional.empty(), memory);

    for (var round : memory.rounds) {
      var report = round.report().orElseThrow();
      assertThat(report.computeSeconds()).isPositive();
      assertThat(report.averagingSeconds() + report.computeSeconds() + report.inputSeconds())
          .isCloseTo(report.seconds(), within(1e-9));
      assertThat(round.seconds()).isGreaterThanOrEqualTo(report.seconds());
      // weights and momenta to three workers, from three, and one copy to the driver
      long values = 2L * memory.states.get(0).parameters().length;
      assertThat(report.bytesMoved()).isBetween(4 * values * 5, 4 * values * 7);
    }
    assertThat(memory.rounds)
        .extracting(Round::learningRate)
        .isSortedAccordingTo((a, b) -> Double.compare(b, a));
    assertThat(memory.rounds.get(memory.rounds.size() - 1).learningRate()).isPositive();
  }

  private static float[] run(Recipe recipe, Optional<TrainingState> from, TrainingWatcher watcher) {
    // with more than two, Deeplearning4j's master adds them in whatever order they arrive
    int workers = recipe.averaging().master() == Master.DL4J ? 2 : 3;
    var training =
        new AveragedTraining(
            LocalSpark.context(), dataset, SPEC, recipe, workers, new Compute(Engine.ONEDNN, 1), 7);
    var id = from.map(TrainingState::training).orElseGet(AveragedTraining::newId);
    var graph = training.run(id, from, watcher);
    var weights = GraphState.parameters(graph);
    Dl4jModel.close(graph);
    return weights;
  }

  private static Recipe recipe(String changes) {
    return Recipe.read(
        Settings.parse(RECIPE, "recipe.conf"), Settings.parse(changes, "changes.conf"));
  }
}
