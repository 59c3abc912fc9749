package dev.expanse.jobs.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.Settings;
import dev.expanse.jobs.HubFolders;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.input.TrainingInput.Step;
import dev.expanse.jobs.recipe.Recipe;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

class MixingTest {
  private static final int SIDE = 8;
  private static final int CLASSES = ImageFolders.CLASSES.size();

  @Test
  @DisplayName("Labels are shares: smoothed over all classes, mixed with those of the other end")
  void labels() {
    int[] labels = {0, 2, 2};

    assertThat(Mixing.NONE.labels(labels, 4, 1))
        .containsExactly(1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0);
    assertThat(new Mixing(0.2, 0).labels(labels, 4, 1))
        .containsExactly(
            new float[] {
              0.85f, 0.05f, 0.05f, 0.05f, 0.05f, 0.05f, 0.85f, 0.05f, 0.05f, 0.05f, 0.85f, 0.05f
            },
            within(1e-6f));
    // 0.8 of 0.7 and 0.3, and 0.05 for each class
    assertThat(new Mixing(0.2, 1).labels(labels, 4, 0.7))
        .containsExactly(
            new float[] {
              0.61f, 0.05f, 0.29f, 0.05f, 0.05f, 0.05f, 0.85f, 0.05f, 0.29f, 0.05f, 0.61f, 0.05f
            },
            within(1e-6f));
  }

  @Test
  @DisplayName(
      "Images are mixed with those of the other end; one in the middle, and what follows, stays")
  void images() {
    float[] values = {10, 20, 0, 1, 30, 60, 7};

    Mixing.mix(values, 3, 2, 0.75);

    assertThat(values).containsExactly(new float[] {15, 30, 0, 1, 25, 50, 7}, within(1e-5f));
  }

  @ParameterizedTest(name = "alpha {0}")
  @ValueSource(doubles = {0.01, 0.2, 1, 3})
  @DisplayName("Shares have the mean and the variance of Beta(alpha, alpha), and repeat by seed")
  void shares(double alpha) {
    var mixing = new Mixing(0, alpha);
    var shares = LongStream.range(0, 5000).mapToDouble(mixing::share).toArray();

    assertThat(Arrays.stream(shares)).allMatch(share -> share >= 0 && share <= 1);
    double mean = Arrays.stream(shares).average().orElseThrow();
    double variance = 0;
    for (double share : shares) {
      variance += (share - mean) * (share - mean) / shares.length;
    }
    assertThat(mean).isEqualTo(0.5, within(0.03));
    assertThat(variance).isEqualTo(1 / (4 * (2 * alpha + 1)), within(0.01));
    assertThat(mixing.share(77)).isEqualTo(shares[77]);
    assertThat(Mixing.NONE.share(77)).isEqualTo(1);
  }

  @Test
  @DisplayName(
      "A step's minibatch is mixed alike wherever a worker begins, and another one otherwise")
  void minibatches(@TempDir Path folder) {
    var source = ImageFolders.write(folder.resolve("images"), 13, 1);
    var dataset = HubFolders.write(source, folder.resolve("hub"), 7);
    var plan = new EpochPlan(dataset.rowGroups(Dataset.TRAIN), 2, 5, 3000, 9);
    var mixed = input(plan, "mixup = 1, label-smoothing = 0.1");
    var plain = input(plan, "mixup = 0");

    double before = -1;
    for (int step = 0; step < plan.steps(); step++) {
      var at = new Step(1, 2, step);
      var went = minibatch(mixed, at);
      var began = minibatch(input(plan, "mixup = 1, label-smoothing = 0.1"), at);
      assertThat(began).isEqualTo(went);

      double share = mixed.mixing().share(mixed.seed(at));
      assertThat(share).isBetween(0.0, 1.0).isNotEqualTo(before);
      before = share;
      var unmixed = minibatch(plain, at);
      assertMixed(went.getFeatures(0), unmixed.getFeatures(0), share, 0);
      assertMixed(went.getLabels(0), unmixed.getLabels(0), share, 0.1);
      assertThat(went.getLabels(0).sum(1).sub(1).amaxNumber().doubleValue()).isLessThan(1e-6);
    }
    assertThat(mixed.seed(new Step(0, 2, 1))).isNotEqualTo(mixed.seed(new Step(1, 2, 1)));
    assertThat(mixed.seed(new Step(1, 1, 1))).isNotEqualTo(mixed.seed(new Step(1, 2, 1)));
    WorkerInput.close(mixed.run());
    WorkerInput.close(plain.run());
  }

  private static void assertMixed(INDArray actual, INDArray plain, double share, double spread) {
    long count = plain.size(0);
    for (long i = 0; i < count; i++) {
      var own = plain.slice(i).mul(share);
      var expected = own.add(plain.slice(count - 1 - i).mul(1 - share));
      expected.muli(1 - spread).addi(spread / CLASSES);
      assertThat(actual.slice(i).sub(expected).amaxNumber().doubleValue()).isLessThan(1e-5);
    }
  }

  private static TrainingInput input(EpochPlan plan, String recipe) {
    var hocon = "batch = 5, epochs = 2, learning-rate = 1, averaging { frequency = 1 }, " + recipe;
    return new TrainingInput(
        UUID.randomUUID().toString(),
        plan,
        2,
        Recipe.read(Settings.parse(hocon, "recipe.conf")),
        SIDE,
        CLASSES,
        1);
  }

  /** A worker's, in a round of that step. */
  private static MultiDataSet minibatch(TrainingInput input, Step step) {
    var spark = LocalSpark.context();
    var hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    return RoundMinibatches.of(
            spark,
            spark.broadcast(input),
            hadoop,
            step.epoch(),
            step.step(),
            step.step() + 1,
            List.of())
        .collect()
        .get(step.worker());
  }
}
