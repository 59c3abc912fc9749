package dev.expanse.core.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.expanse.core.network.Operation.Add;
import dev.expanse.core.network.Operation.BatchNorm;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.Dropout;
import dev.expanse.core.network.Operation.GlobalAveragePool;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkTest {

  @ParameterizedTest(name = "side {0}, kernel {1}, stride {2} gives side {3}")
  @CsvSource({"224,3,2,112", "7,3,2,4", "7,3,1,7", "8,5,2,4", "1,3,2,1", "9,1,2,5", "224,7,2,112"})
  @DisplayName("A convolution pads (kernel - 1) / 2 zeros on every side")
  void convolutionShape(int side, int kernel, int stride, int expected) {
    var builder = Network.forImages(side);
    var conv = builder.add("conv", new Convolution(5, kernel, stride, 1), builder.image());

    assertThat(conv.shape()).isEqualTo(new Shape(expected, expected, 5));
  }

  @Test
  @DisplayName("An addition of two shapes is refused with the operation's name and both shapes")
  void addOfTwoShapes() {
    var builder = Network.forImages(16);
    var a = builder.add("a", new Convolution(8, 3, 1, 1), builder.image());
    var b = builder.add("b", new Convolution(8, 3, 2, 1), a);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("stage2.1.add", new Add(), a, b))
        .withMessage("Cannot add 'stage2.1.add': cannot add inputs of 16 x 16 x 8 and 8 x 8 x 8");
  }

  @Test
  @DisplayName("Groups that do not divide the input's channels are refused")
  void groups() {
    var builder = Network.forImages(16);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("dw", new Convolution(4, 3, 1, 4), builder.image()))
        .withMessageContaining("'dw'")
        .withMessageContaining("16 x 16 x 3")
        .withMessageContaining("4 groups");
  }

  @Test
  @DisplayName("A dense layer on a feature map that was not pooled is refused with both shapes")
  void denseOnMap() {
    var builder = Network.forImages(16);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("classifier", new Dense(10), builder.image()))
        .withMessageContaining("'classifier'")
        .withMessageContaining("16 x 16 x 3")
        .withMessageContaining("1 x 1 x 10");
  }

  @Test
  @DisplayName(
      "Names are unique, inputs are of the same network, outputs are read, values in range")
  void otherMistakes() {
    var builder = Network.forImages(16);
    var other = Network.forImages(16);
    builder.add("norm", new BatchNorm(), builder.image());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("norm", new BatchNorm(), builder.image()))
        .withMessageContaining("'norm'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("x", new BatchNorm(), other.image()))
        .withMessageContaining("'image' is not of this network");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add("x", new Add(), builder.image()))
        .withMessageContaining("takes 2 inputs, not [16 x 16 x 3]");
    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessageContaining("16 x 16");
    var pool = builder.add("pool", new GlobalAveragePool(), builder.image());
    builder.add("classifier", new Dense(10), pool);
    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessage("Cannot leave 'norm' without a reader");
    assertThatIllegalArgumentException().isThrownBy(() -> new Convolution(8, 2, 1, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Convolution(8, 3, 1, 3));
    assertThatIllegalArgumentException().isThrownBy(() -> new Dropout(1));
    assertThatIllegalArgumentException().isThrownBy(() -> Network.forImages(0));
  }

  @Test
  @DisplayName("MobileNetV2 has 53 weight layers, ten residual additions and a 7 x 7 x 1280 head")
  void mobileNetV2() {
    var network = Networks.named("mobilenet-v2").network();

    assertThat(network.nodes()).filteredOn(n -> n.operation() instanceof Convolution).hasSize(52);
    assertThat(network.nodes()).filteredOn(n -> n.operation() instanceof Add).hasSize(10);
    assertThat(network.node("head.act").shape()).isEqualTo(new Shape(7, 7, 1280));
    assertThat(network.node("stage2.1.depthwise.conv").shape()).isEqualTo(new Shape(56, 56, 96));
    assertThat(network.output().shape()).isEqualTo(new Shape(1, 1, 1000));
  }
}
