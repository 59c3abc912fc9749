package dev.expanse.core.onednn;

import static dev.expanse.core.network.Operation.Activation.Function.RELU;
import static dev.expanse.core.network.Operation.Activation.Function.SIGMOID;
import static dev.expanse.core.onednn.AgainstDefinition.agrees;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.AveragePool;
import dev.expanse.core.network.Operation.BatchNorm;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.Dropout;
import dev.expanse.core.network.Operation.Flatten;
import dev.expanse.core.network.Operation.MaxPool;
import dev.expanse.core.network.Window;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompiledPoolingTest {
  @ParameterizedTest
  @CsvSource({
    "2, 2, 0, 8", "2, 2, 0, 9", "3, 2, 1, 8", "3, 2, 1, 9", "3, 2, 0, 8", "3, 2, 0, 9",
    "3, 1, 1, 7", "3, 3, 0, 8", "3, 3, 0, 10", "2, 3, 0, 7", "2, 3, 1, 9", "5, 4, 2, 10"
  })
  @DisplayName("Windows of all sizes and steps stop on the map or beyond it, as the network says")
  void windows(int kernel, int stride, int padding, int side) {
    for (boolean ceiling : new boolean[] {false, true}) {
      for (int channels : new int[] {6, 16}) {
        agrees(
            side,
            (builder, image) -> {
              var x = builder.add("conv", new Convolution(channels, 3, 1, 1), image);
              var window = new Window(kernel, stride, padding, ceiling);
              x = builder.add("max", new MaxPool(window), x); // of values of both signs
              return builder.convolution("b", new Convolution(channels, 3, 1, 1), RELU, x);
            });
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 2, 8", "2, 2, 9", "3, 2, 9", "3, 1, 5", "7, 1, 7", "2, 3, 9", "5, 3, 14"})
  @DisplayName("Means are those of the window's values")
  void means(int kernel, int stride, int side) {
    for (int channels : new int[] {6, 16}) {
      agrees(
          side,
          (builder, image) -> {
            var x = builder.add("conv", new Convolution(channels, 3, 1, 1), image);
            x = builder.add("mean", new AveragePool(kernel, stride), x);
            return builder.convolution("b", new Convolution(channels, 1, 1, 1), RELU, x);
          });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 16})
  @DisplayName("A flattened map goes through fully connected layers with an activation between")
  void flattened(int channels) {
    agrees(
        8,
        (builder, image) -> {
          var x = builder.add("conv", new Convolution(channels, 3, 1, 1).withBias(), image);
          x = builder.add("conv.act", new Activation(RELU), x);
          x = builder.add("pool", new MaxPool(2, 2, 0), x);
          x = builder.add("flat", new Flatten(), x);
          x = hidden(builder, "a", 24, RELU, x);
          x = hidden(builder, "b", 9, SIGMOID, x);
          return builder.add("drop", new Dropout(0.5), x);
        });
  }

  private static Network.Node hidden(
      Network.Builder builder,
      String name,
      int channels,
      Activation.Function function,
      Network.Node input) {
    var dense =
        builder.add(name, new Dense(channels), builder.add(name + "d", new Dropout(0.5), input));
    return builder.add(name + ".act", new Activation(function), dense);
  }

  @Test
  @DisplayName("A flattened map may be read by others than a fully connected layer")
  void flattenedForOthers() {
    for (int channels : new int[] {5, 16}) {
      agrees(
          4,
          (builder, image) -> {
            var x = builder.convolution("conv", new Convolution(channels, 3, 1, 1), RELU, image);
            x = builder.add("flat", new Flatten(), x);
            x = builder.add("flat2", new Flatten(), x);
            return builder.add("norm", new BatchNorm(), x);
          });
    }
    var builder = Network.forImages(4);
    builder.add("flat", new Flatten(), builder.image());
    agrees(builder.build(), 3, 1);
    agrees(3, (images, image) -> images.add("flat", new Flatten(), image));
  }
}
