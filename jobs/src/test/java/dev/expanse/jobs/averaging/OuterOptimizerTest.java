package dev.expanse.jobs.averaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.dl4j.RunningStatistics;
import dev.expanse.jobs.recipe.Averaging.Outer;
import dev.expanse.jobs.recipe.Averaging.Outer.Kind;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OuterOptimizerTest {
  private static final RunningStatistics NONE = statistics(false);

  @Test
  @DisplayName("Plain averaging takes the average, and so does momentum 0 at learning rate 1")
  void average() {
    float[] before = {1, 2};
    float[] average = {3, -5};

    assertThat(OuterOptimizer.average().step(before, average, NONE)).containsExactly(3, -5);
    assertThat(new OuterOptimizer(new Outer(Kind.MOMENTUM, 1, 0)).step(before, average, NONE))
        .containsExactly(3, -5);
    assertThat(new OuterOptimizer(new Outer(Kind.NESTEROV, 1, 0)).step(before, average, NONE))
        .containsExactly(3, -5);
  }

  @ParameterizedTest
  @CsvSource({"MOMENTUM, 1, 0.5", "MOMENTUM, 0.5, 0.9", "NESTEROV, 0.7, 0.9", "NESTEROV, 1, 0.5"})
  @DisplayName("Momentum accumulates the rounds' differences as SlowMo and DiLoCo write it")
  void momentum(Kind kind, double rate, double momentum) {
    var outer = new OuterOptimizer(new Outer(kind, rate, momentum));
    double x = 1;
    double velocity = 0;
    float[] parameters = {1};
    for (int round = 0; round < 5; round++) {
      float average = 0.9f * parameters[0] - 0.1f;
      parameters = outer.step(parameters, new float[] {average}, NONE);

      double difference = x - (0.9 * x - 0.1);
      double before = velocity;
      velocity = momentum * before + difference;
      // Nesterov: difference + momentum x new velocity, written out
      double direction =
          kind == Kind.MOMENTUM
              ? velocity
              : (1 + momentum) * difference + momentum * momentum * before;
      x -= rate * direction;
      assertThat((double) parameters[0]).isCloseTo(x, within(1e-5));
    }
    assertThat(outer.velocity()[0]).isCloseTo((float) velocity, within(1e-5f));
  }

  @Test
  @DisplayName("It goes on from a velocity as if it had not stopped")
  void goesOn() {
    var rule = new Outer(Kind.NESTEROV, 0.7, 0.9);
    var whole = new OuterOptimizer(rule);
    var first = whole.step(new float[] {1, 2}, new float[] {0, 3}, NONE);
    var resumed = new OuterOptimizer(rule);
    resumed.setVelocity(whole.velocity());

    float[] average = {0.5f, 2.5f};
    assertThat(resumed.step(first, average, NONE)).isEqualTo(whole.step(first, average, NONE));
  }

  @Test
  @DisplayName("Norms' means and variances have no momentum: a variance would go below 0")
  void statisticsHaveNone() {
    var statistics = statistics(true);
    var before = new float[2 + 2 + 2 + 2 + 4 + 2];
    var average = before.clone();
    Arrays.fill(average, -1);
    var outer = new OuterOptimizer(new Outer(Kind.MOMENTUM, 1, 0.9));
    outer.step(before, average, statistics);

    var next = outer.step(before, average, statistics);

    // gamma, beta, mean and spread of two channels, then the classifier
    assertThat(next)
        .containsExactly(
            -1.9f, -1.9f, -1.9f, -1.9f, -1, -1, -1, -1, -1.9f, -1.9f, -1.9f, -1.9f, -1.9f, -1.9f);
  }

  private static RunningStatistics statistics(boolean norm) {
    var layers = new NeuralNetConfiguration.Builder().graphBuilder().addInputs("in");
    if (norm) {
      layers.addLayer("norm", new BatchNormalization(), "in");
    }
    var graph =
        new ComputationGraph(
            layers
                .addLayer("out", new OutputLayer.Builder().nOut(2).build(), norm ? "norm" : "in")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(2))
                .build());
    graph.init();
    return RunningStatistics.of(graph);
  }
}
