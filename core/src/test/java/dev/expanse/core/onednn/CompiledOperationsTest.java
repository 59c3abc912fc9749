package dev.expanse.core.onednn;

import static dev.expanse.core.network.Operation.Activation.Function.RELU;
import static dev.expanse.core.network.Operation.Activation.Function.RELU6;
import static dev.expanse.core.network.Operation.Activation.Function.SIGMOID;
import static dev.expanse.core.onednn.AgainstDefinition.CLASSES;
import static dev.expanse.core.onednn.AgainstDefinition.agrees;
import static dev.expanse.core.onednn.AgainstDefinition.images;
import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.Add;
import dev.expanse.core.network.Operation.BatchNorm;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.GlobalAveragePool;
import dev.expanse.core.network.Operation.MaxPool;
import dev.expanse.core.network.Operation.Scale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompiledOperationsTest {
  @ParameterizedTest
  @CsvSource({
    "3, 1, 0", "3, 2, 0", "2, 1, 1", "2, 2, 0", "4, 2, 1", "5, 1, 1", "7, 2, 3", "1, 2, 0"
  })
  @DisplayName("Convolutions have any padding, and a bias before a norm or without one")
  void biases(int kernel, int stride, int padding) {
    for (int width : new int[] {5, 8}) {
      agrees(
          11,
          (builder, image) -> {
            int channels = 2 * width;
            var convolution = new Convolution(channels, kernel, stride, 1, padding, true);
            var x = builder.convolution("a", convolution, RELU, image);
            x = builder.add("b", new Convolution(channels, 3, 1, channels).withBias(), x);
            x = builder.add("b.act", new Activation(RELU6), x);
            var y =
                builder.convolution("c", new Convolution(channels, 1, 1, 2).withBias(), null, x);
            x = builder.add("c.add", new Add(), y, x);
            return builder.add("d", new Convolution(width, 2, 1, 1, 1, false), x);
          });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 16})
  @DisplayName("A gate scales its channels, before a residual add or after an activation")
  void gates(int channels) {
    agrees(
        7,
        (builder, image) -> {
          var x = builder.convolution("stem", new Convolution(channels, 3, 1, 1), RELU, image);
          for (var block : new String[] {"a", "b"}) {
            var y = builder.convolution(block, new Convolution(channels, 3, 1, 1), null, x);
            y = builder.add(block + ".scale", new Scale(), y, gate(builder, block, y));
            x = builder.add(block + ".add", new Add(), y, x);
            x = builder.add(block + ".act", new Activation(RELU), x);
          }
          var gate = gate(builder, "late", x);
          x = builder.convolution("c", new Convolution(channels, 3, 1, channels), RELU6, x);
          x = builder.add("c.scale", new Scale(), x, gate);
          return builder.add("d", new Convolution(channels, 1, 1, 1), x);
        });
  }

  private static Network.Node gate(Network.Builder builder, String block, Network.Node input) {
    var x = builder.add(block + ".squeeze", new GlobalAveragePool(), input);
    x = builder.add(block + ".narrow", new Dense(3), x);
    x = builder.add(block + ".narrow.act", new Activation(RELU), x);
    x = builder.add(block + ".wide", new Dense(input.shape().channels()), x);
    return builder.add(block + ".gate", new Activation(SIGMOID), x);
  }

  @Test
  @DisplayName("A gate that scales twice, and a vector scaled by itself, are not overwritten")
  void gatesThatLive() {
    agrees(
        6,
        (builder, image) -> {
          var x = builder.convolution("stem", new Convolution(8, 3, 1, 1), RELU, image);
          var gate = gate(builder, "g", x);
          var once = builder.add("once", new Scale(), x, gate);
          var twice = builder.add("twice", new Scale(), once, gate);
          var sum = builder.add("sum", new Add(), once, twice);
          var vector = builder.add("vector", new GlobalAveragePool(), sum);
          var square = builder.add("square", new Scale(), vector, vector);
          var scaled = builder.add("scaled", new Scale(), square, vector);
          return builder.add("end", new Add(), scaled, gate);
        });
  }

  @Test
  @DisplayName("Sigmoids follow convolutions, norms, sums and nothing at all")
  void sigmoids() {
    for (int channels : new int[] {6, 16}) {
      agrees(
          6,
          (builder, image) -> {
            var x = builder.add("first", new Activation(SIGMOID), image);
            x = builder.convolution("a", new Convolution(channels, 3, 1, 1), SIGMOID, x);
            var y = builder.convolution("b", new Convolution(channels, 3, 1, 1), null, x);
            y = builder.add("sum", new Add(), y, x);
            x = builder.add("sum.act", new Activation(SIGMOID), y);
            var norm =
                builder.norm("c", new BatchNorm(), SIGMOID, builder.add("d", new Add(), x, y));
            return builder.add("e", new Activation(SIGMOID), norm);
          });
    }
  }

  @Test
  @DisplayName(
      "Activations before separable convolutions, and pooling before an add, as in Xception")
  void separable() {
    agrees(
        13,
        (builder, image) -> {
          var stem = new Convolution(8, 3, 2, 1).unpadded();
          var x = builder.convolution("stem", stem, RELU, image);
          var shortcut = builder.convolution("short", new Convolution(16, 1, 2, 1), null, x);
          var y = builder.add("pre", new Activation(RELU), x);
          y = builder.add("a.depth", new Convolution(8, 3, 1, 8), y);
          y = builder.convolution("a", new Convolution(16, 1, 1, 1), RELU, y);
          y = builder.add("b.depth", new Convolution(16, 3, 1, 16), y);
          y = builder.convolution("b", new Convolution(16, 1, 1, 1), null, y);
          y = builder.add("pool", new MaxPool(3, 2, 1), y);
          x = builder.add("sum", new Add(), y, shortcut);
          y = builder.add("post", new Activation(RELU), x);
          y = builder.convolution("c", new Convolution(16, 3, 1, 1), null, y);
          return builder.add("end", new Add(), y, x);
        });
  }

  @Test
  @DisplayName("Auxiliary classifiers are not computed and change no probability")
  void auxiliaries() {
    var with = classifier(true);
    var without = classifier(false);
    agrees(with, 2, 1);
    var weights = TrainedWeights.drawn(with, 5);

    try (var compiled = CompiledNetwork.compile(with, weights, 2, 1);
        var small = CompiledNetwork.compile(without, weights, 2, 1)) {
      var images = images(with, 2);
      assertThat(compiled.probabilities(images)).isEqualTo(small.probabilities(images));
      assertThat(compiled.arenaBytes()).isEqualTo(small.arenaBytes());
      assertThat(compiled.network()).isSameAs(with);
    }
  }

  private static Network classifier(boolean auxiliary) {
    var builder = Network.forImages(9);
    var x = builder.convolution("stem", new Convolution(16, 3, 1, 1), RELU, builder.image());
    if (auxiliary) {
      var y = builder.convolution("aux", new Convolution(32, 3, 1, 1), RELU, x);
      y = builder.add("aux.pool", new GlobalAveragePool(), y);
      builder.auxiliary(builder.add("aux.dense", new Dense(CLASSES), y), 0.3);
    }
    x = builder.convolution("last", new Convolution(16, 3, 2, 1), RELU, x);
    x = builder.add("pool", new GlobalAveragePool(), x);
    builder.add("dense", new Dense(CLASSES), x);
    return builder.build();
  }
}
