package dev.expanse.core.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.InitialWeights.Fan;
import dev.expanse.core.network.Weights.Parameter;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WeightsTest {
  private static final Network NETWORK =
      Networks.named("mobilenet-v2").withClasses(10).withResolution(32).network();

  @Test
  @DisplayName("Weights have as many values as the complexity counts, and norms' statistics")
  void count() {
    long all = 0;
    long statistics = 0;
    for (var node : NETWORK.nodes()) {
      for (var size : Weights.sizes(node).entrySet()) {
        all += size.getValue();
        if (size.getKey() == Parameter.MEAN || size.getKey() == Parameter.VARIANCE) {
          statistics += size.getValue();
        }
      }
    }

    assertThat(all - statistics).isEqualTo(Complexity.of(NETWORK).parameters());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("First weights have He's variance, by either fan, and norms begin as the identity")
  void initial(Fan fan) {
    var weights = InitialWeights.draw(NETWORK, 1, fan);

    for (var node : NETWORK.nodes()) {
      if (node.operation() instanceof Operation.Convolution convolution) {
        int counted =
            switch (fan) {
              case IN -> node.onlyInput().shape().channels() / convolution.groups();
              case OUT -> convolution.channels();
            };
        double expected = 2.0 / (counted * convolution.kernel() * convolution.kernel());
        var values = weights.get(node, Parameter.WEIGHT);
        double variance =
            IntStream.range(0, values.length)
                .mapToDouble(i -> values[i])
                .map(w -> w * w)
                .average()
                .orElseThrow();
        // five standard errors of a variance
        assertThat(variance)
            .as(node.name())
            .isCloseTo(expected, within(5 * expected * Math.sqrt(2.0 / values.length)));
      }
      if (node.operation() instanceof Operation.BatchNorm) {
        assertThat(weights.get(node, Parameter.GAMMA)).containsOnly(1);
        assertThat(weights.get(node, Parameter.VARIANCE)).containsOnly(1);
        assertThat(weights.get(node, Parameter.BETA)).containsOnly(0);
        assertThat(weights.get(node, Parameter.MEAN)).containsOnly(0);
      }
    }
  }

  @Test
  @DisplayName("A seed draws the same weights again, another one draws others")
  void seeds() {
    var convolution = NETWORK.nodes().get(1);
    var first = InitialWeights.draw(NETWORK, 1).get(convolution, Parameter.WEIGHT);

    assertThat(InitialWeights.draw(NETWORK, 1, Fan.IN).get(convolution, Parameter.WEIGHT))
        .isEqualTo(first);
    assertThat(InitialWeights.draw(NETWORK, 2).get(convolution, Parameter.WEIGHT))
        .isNotEqualTo(first);
  }

  @Test
  @DisplayName("Values of another number, an unknown parameter and a missing one are refused")
  void refused() {
    var convolution = NETWORK.nodes().get(1);
    var builder = Weights.of(NETWORK);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.put(convolution, Parameter.WEIGHT, new float[5]))
        .withMessageContaining("to 5 values: expected 864");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.put(convolution, Parameter.GAMMA, new float[32]))
        .withMessageContaining("expected none");
    assertThatIllegalStateException()
        .isThrownBy(builder::build)
        .withMessageContaining("Cannot leave the WEIGHT of " + convolution.name());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InitialWeights.draw(NETWORK, 1).get(convolution, Parameter.BIAS));
    var hocon = "name = wider, base = mobilenet-v2, width = 1.4, classes = 10, resolution = 32";
    var wider = NetworkSpec.read(Settings.parse(hocon, "wider.conf")).network();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InitialWeights.draw(wider, 1).get(convolution, Parameter.WEIGHT))
        .withMessageContaining("another network: 1296 values, expected 864");
  }

  @Test
  @DisplayName("A norm folded into a convolution changes nothing of what both compute")
  void fold() {
    var builder = Network.forImages(1);
    var conv = builder.add("conv", new Operation.Convolution(2, 1, 1, 1), builder.image());
    var norm = builder.add("norm", new Operation.BatchNorm(), conv);
    float[] weight = {1, 2, 3, -1, 0.5f, 4};
    float[] bias = {0.25f, -2};
    float[] pixel = {0.1f, -0.7f, 1.3f};
    float[] gamma = {1.5f, -0.5f};
    float[] beta = {3, 0.125f};
    float[] mean = {-1, 0.75f};
    float[] variance = {4, 0.01f};
    var weights =
        Weights.of(builder.build())
            .put(conv, Parameter.WEIGHT, weight)
            .put(norm, Parameter.GAMMA, gamma)
            .put(norm, Parameter.BETA, beta)
            .put(norm, Parameter.MEAN, mean)
            .put(norm, Parameter.VARIANCE, variance)
            .build();
    var before = new double[] {dot(weight, 0, pixel) + bias[0], dot(weight, 3, pixel) + bias[1]};

    weights.fold(norm, weight, bias);

    for (int channel = 0; channel < 2; channel++) {
      double normalized = (before[channel] - mean[channel]) / Math.sqrt(variance[channel] + 1e-5);
      assertThat(dot(weight, 3 * channel, pixel) + bias[channel])
          .isCloseTo(gamma[channel] * normalized + beta[channel], within(1e-5));
    }
  }

  private static double dot(float[] weight, int at, float[] pixel) {
    return IntStream.range(0, pixel.length).mapToDouble(i -> weight[at + i] * pixel[i]).sum();
  }

  @Test
  @DisplayName("A unit ends where another node reads along")
  void units() {
    var builder = Network.forImages(8);
    var alone = builder.add("alone", new Operation.Convolution(4, 3, 1, 1), builder.image());
    var conv = builder.add("conv", new Operation.Convolution(4, 1, 1, 1), alone);
    var norm = builder.add("norm", new Operation.BatchNorm(), conv);
    var relu = new Operation.Activation(Operation.Activation.Function.RELU);
    var act = builder.add("act", relu, norm);
    var sum = builder.add("sum", new Operation.Add(), act, norm);
    builder.add(
        "fc", new Operation.Dense(2), builder.add("pool", new Operation.GlobalAveragePool(), sum));

    var units = ConvNormActivation.in(builder.build());

    assertThat(units).containsOnlyKeys(conv);
    assertThat(units.get(conv).norm()).isSameAs(norm);
    assertThat(units.get(conv).activation()).isEmpty(); // the norm has two readers
    assertThat(units.get(conv).output()).isSameAs(norm);
  }
}
