package dev.expanse.core.complexity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.network.ChannelOperation.Concat;
import dev.expanse.core.network.ChannelOperation.Slice;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Networks;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.Add;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.Flatten;
import dev.expanse.core.network.Operation.GlobalAveragePool;
import dev.expanse.core.network.Operation.Scale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ComplexityTest {

  @Test
  @DisplayName("MobileNetV2 with 1000 classes costs what is published")
  void mobileNetV2() {
    var complexity = Complexity.of(Networks.named("mobilenet-v2").network());

    assertThat(complexity.macs()).isEqualTo(300_774_272L);
    assertThat(complexity.parameters()).isEqualTo(3_504_872L);
    assertThat(complexity.activations()).isEqualTo(6_678_112L);
  }

  @Test
  @DisplayName("MobileNetV2 with 100 classes has 900 x 1280 MACs and 900 x 1281 parameters less")
  void hundredClasses() {
    var complexity = Complexity.of(Networks.named("mobilenet-v2").withClasses(100).network());

    assertThat(complexity.macs()).isEqualTo(299_622_272L);
    assertThat(complexity.parameters()).isEqualTo(2_351_972L);
    assertThat(complexity.activations()).isEqualTo(6_678_112L);
  }

  @Test
  @DisplayName("ecnn needs at most half the MACs of MobileNetV2, with larger expansion factors")
  void ecnn() {
    var ecnn = Networks.named("ecnn").withClasses(100).network();
    var mobileNet = Networks.named("mobilenet-v2").withClasses(100).network();

    assertThat(Complexity.of(ecnn).macs()).isEqualTo(149_759_104L).isLessThan(299_622_272L / 2);
    assertThat(ecnn.nodes()).hasSizeLessThan(mobileNet.nodes().size());
  }

  @Test
  @DisplayName("Each operation of a network small enough to count by hand")
  void byHand() {
    var builder = Network.forImages(8);
    var conv = builder.add("conv", new Convolution(4, 3, 2, 1), builder.image());
    var depthwise = builder.add("depthwise", new Convolution(4, 5, 1, 4), conv);
    var act = builder.add("act", new Activation(Activation.Function.RELU), depthwise);
    var add = builder.add("add", new Add(), conv, act);
    var pool = builder.add("pool", new GlobalAveragePool(), add);
    builder.add("dense", new Dense(10), pool);

    var complexity = Complexity.of(builder.build());

    assertThat(complexity.costs())
        .extracting(cost -> cost.node().name() + " " + cost.macs() + " " + cost.parameters())
        .containsExactly(
            "image 0 0",
            "conv 1728 108", // 4 x 4 x 4 outputs of 3 x 3 x 3 each
            "depthwise 1600 100", // 4 x 4 x 4 outputs of 5 x 5 each
            "act 0 0",
            "add 0 0",
            "pool 0 0",
            "dense 40 50");
    assertThat(complexity.activations()).isEqualTo(64 + 64);
    assertThat(complexity.weightBytes()).isEqualTo(4 * (108 + 100 + 50));
  }

  @Test
  @DisplayName("Peak memory is the two largest maps alive together, a residual's input held over")
  void peakMemory() {
    var builder = Network.forImages(8); // 192 values
    var conv = builder.add("conv", new Convolution(4, 3, 1, 1), builder.image()); // 256
    var wide = builder.add("wide", new Convolution(8, 1, 1, 1), conv); // 512
    var act = builder.add("act", new Activation(Activation.Function.RELU), wide); // in place
    var narrow = builder.add("narrow", new Convolution(4, 1, 1, 1), act); // 256
    var add = builder.add("add", new Add(), conv, narrow); // 256
    var pool = builder.add("pool", new GlobalAveragePool(), add);
    builder.add("dense", new Dense(10), pool);

    assertThat(Complexity.of(builder.build()).peakActivationBytes())
        .isEqualTo(4 * (256 + 512 + 256));
  }

  @Test
  @DisplayName("Peak memory knows what works in place, and what makes a map of its own")
  void peakMemoryOfGatesAndChannels() {
    var builder = Network.forImages(8); // 192 values
    var conv = builder.add("conv", new Convolution(8, 3, 1, 1), builder.image()); // 512
    var left = builder.add("left", new Slice(0, 4), conv); // 256
    var right = builder.add("right", new Slice(4, 8), conv); // 256, and conv is free
    var both = builder.add("both", new Concat(), left, right, conv); // 1024
    var gate = builder.add("gate", new GlobalAveragePool(), both); // 16
    var gated = builder.add("gated", new Scale(), both, gate); // in place: the gate is done
    var pool = builder.add("pool", new GlobalAveragePool(), gated);
    builder.add("dense", new Dense(10), pool);

    assertThat(Complexity.of(builder.build()).peakActivationBytes())
        .isEqualTo(4 * (512 + 256 + 256 + 1024)); // more if "gated" had a map of its own
  }

  @Test
  @DisplayName("Nothing works in place on a map that is read later, and flattening always does")
  void peakMemoryOfMapsReadLater() {
    var later = Network.forImages(8); // 192 values
    var conv = later.add("conv", new Convolution(8, 3, 1, 1), later.image()); // 512
    var act = later.add("act", new Activation(Activation.Function.RELU), conv); // 512
    var sum = later.add("sum", new Add(), act, conv); // 512
    later.add("dense", new Dense(10), later.add("pool", new GlobalAveragePool(), sum));
    var flat = Network.forImages(8);
    flat.add("dense", new Dense(10), flat.add("flat", new Flatten(), flat.image()));

    assertThat(Complexity.of(later.build()).peakActivationBytes()).isEqualTo(4 * 3 * 512);
    assertThat(Complexity.of(flat.build()).peakActivationBytes()).isEqualTo(4 * (192 + 10));
  }

  @Test
  @DisplayName("Auxiliary classifiers cost nothing, for inference leaves them out")
  void auxiliaries() {
    var builder = Network.forImages(8);
    var conv = builder.add("conv", new Convolution(4, 3, 2, 1), builder.image());
    var pool = builder.add("pool", new GlobalAveragePool(), conv);
    builder.auxiliary(builder.add("auxiliary", new Dense(10), pool), 0.3);
    builder.add("classifier", new Dense(10), pool);

    var complexity = Complexity.of(builder.build());

    assertThat(complexity.costs())
        .extracting(cost -> cost.node().name())
        .containsExactly("image", "conv", "pool", "classifier");
    assertThat(complexity.parameters()).isEqualTo(108 + 50);
  }
}
