package dev.expanse.core.onednn;

import static dev.expanse.core.network.Operation.Activation.Function.RELU;
import static dev.expanse.core.onednn.AgainstDefinition.agrees;

import dev.expanse.core.network.ChannelOperation.Concat;
import dev.expanse.core.network.ChannelOperation.Shuffle;
import dev.expanse.core.network.ChannelOperation.Slice;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.Add;
import dev.expanse.core.network.Operation.AveragePool;
import dev.expanse.core.network.Operation.BatchNorm;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.MaxPool;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Channels by 8 or 16 are computed in blocks, others channels last. */
class CompiledChannelsTest {
  @ParameterizedTest
  @ValueSource(ints = {3, 6, 8, 16})
  @DisplayName("The four branches of an inception block are concatenated")
  void inception(int width) {
    agrees(
        9,
        (builder, image) -> {
          var x = unit(builder, "stem", new Convolution(2 * width, 3, 1, 1), image);
          for (var block : new String[] {"a", "b"}) {
            var one = unit(builder, block + 1, new Convolution(width, 1, 1, 1), x);
            var three = unit(builder, block + 2, new Convolution(2 * width, 1, 1, 1), x);
            three = unit(builder, block + 3, new Convolution(width, 3, 1, 1), three);
            var five = unit(builder, block + 4, new Convolution(width, 1, 1, 1), x);
            five = unit(builder, block + 5, new Convolution(2 * width, 3, 1, 1), five);
            var pool = builder.add(block + ".pool", new MaxPool(3, 1, 1), x);
            pool = unit(builder, block + 6, new Convolution(width, 1, 1, 1), pool);
            x = builder.add(block, new Concat(), one, three, five, pool);
          }
          return x;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 8, 16})
  @DisplayName("Each layer of a dense block reads the outputs of all before it")
  void denseBlock(int growth) {
    agrees(
        12,
        (builder, image) -> {
          var x = unit(builder, "stem", new Convolution(2 * growth, 3, 1, 1), image);
          for (int block = 0; block < 2; block++) {
            for (int layer = 0; layer < 4; layer++) {
              var name = "block" + block + layer;
              var y = builder.norm(name + "a", new BatchNorm(), RELU, x);
              y = unit(builder, name + "b", new Convolution(2 * growth, 1, 1, 1), y);
              y = builder.add(name + "c", new Convolution(growth, 3, 1, 1), y);
              x = builder.add(name, new Concat(), x, y);
            }
            x = builder.norm("out" + block, new BatchNorm(), RELU, x);
            x = builder.add("half" + block, new Convolution(2 * growth, 1, 1, 1), x);
            x = builder.add("pool" + block, new AveragePool(2, 2), x);
          }
          return x;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 8, 29, 16})
  @DisplayName("One half of the channels goes past a shuffle unit, and both are shuffled")
  void shuffleUnits(int half) {
    agrees(
        8,
        (builder, image) -> {
          var x = unit(builder, "stem", new Convolution(2 * half, 3, 1, 1), image);
          for (int unit = 0; unit < 3; unit++) {
            var name = "unit" + unit;
            var past = builder.add(name + "past", new Slice(0, half), x);
            var y = builder.add(name + "half", new Slice(half, 2 * half), x);
            y = unit(builder, name + "a", new Convolution(half, 1, 1, 1), y);
            y = builder.convolution(name + "b", new Convolution(half, 3, 1, half), null, y);
            y = unit(builder, name + "c", new Convolution(half, 1, 1, 1), y);
            y = builder.add(name + "both", new Concat(), past, y);
            x = builder.add(name, new Shuffle(2), y);
          }
          return x;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 6, 8, 12, 24})
  @DisplayName("Channels are shuffled in as many groups as the network says")
  void shuffles(int groups) {
    for (int channels : new int[] {24, 48, 72}) {
      agrees(
          5,
          (builder, image) -> {
            var x = unit(builder, "stem", new Convolution(channels, 3, 1, 1), image);
            x = builder.add("shuffle", new Shuffle(groups), x);
            return unit(builder, "last", new Convolution(24, 3, 1, 1), x);
          });
    }
  }

  @Test
  @DisplayName("What is concatenated and sliced may be read by others, before and after")
  void read() {
    agrees(
        6,
        (builder, image) -> {
          var x = unit(builder, "stem", new Convolution(16, 3, 1, 1), image);
          var y = unit(builder, "a", new Convolution(16, 3, 1, 1), x);
          var both = builder.add("both", new Concat(), x, y);
          var sum = builder.add("sum", new Add(), x, y);
          var more = builder.add("more", new Concat(), both, sum, both);
          var part = builder.add("part", new Slice(8, 40), more);
          var act = builder.add("act", new Activation(RELU), part);
          var last = unit(builder, "b", new Convolution(32, 1, 1, 1), act);
          last = builder.add("b.add", new Add(), last, part);
          last = builder.add("b.more", new Add(), last, both);
          return builder.add("end", new Concat(), last, more, y);
        });
  }

  @Test
  @DisplayName("The image itself, and vectors, are concatenated, sliced and shuffled, too")
  void imagesAndVectors() {
    agrees(
        4,
        (builder, image) -> {
          var twice = builder.add("twice", new Concat(), image, image);
          var x = builder.add("shuffled", new Shuffle(3), twice);
          return builder.add("slice", new Slice(1, 5), x);
        });
    agrees(
        1,
        (builder, image) -> {
          var x = unit(builder, "a", new Convolution(16, 1, 1, 1), image);
          x = builder.add("shuffled", new Shuffle(2), x);
          x = builder.add("slice", new Slice(3, 12), x);
          return builder.add("more", new Concat(), x, image);
        });
  }

  private static Network.Node unit(
      Network.Builder builder, String name, Convolution convolution, Network.Node input) {
    return builder.convolution(name, convolution, RELU, input);
  }
}
