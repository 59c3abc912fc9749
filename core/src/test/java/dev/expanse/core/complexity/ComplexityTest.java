package dev.expanse.core.complexity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Networks;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.Add;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.GlobalAveragePool;
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

    assertThat(Complexity.of(ecnn).macs()).isEqualTo(144_685_056L).isLessThan(299_622_272L / 2);
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
}
