package dev.expanse.core.network;

import static dev.expanse.core.network.Operation.Activation.Function.RELU;
import static dev.expanse.core.network.Operation.Activation.Function.RELU6;
import static dev.expanse.core.network.Operation.Activation.Function.SIGMOID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.BatchNorm;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.Dropout;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FamilyShapesTest {

  @Test
  @DisplayName("VGG-16 has 13 convolutions and 3 fully connected layers, on a map of 7 x 7 x 512")
  void vgg() {
    var network = Networks.named("vgg-16").network();

    assertThat(all(network, Convolution.class)).hasSize(13);
    assertThat(all(network, Dense.class))
        .extracting(Network.Node::name)
        .containsExactly("hidden1", "hidden2", "classifier");
    assertThat(network.node("flatten").onlyInput().shape()).isEqualTo(new Shape(7, 7, 512));
    assertThat(network.node("flatten").shape()).isEqualTo(new Shape(1, 1, 25_088));
    assertThat(all(network, Dropout.class)).hasSize(2);
    assertThat(all(network, BatchNorm.class)).isEmpty();
    assertThat(all(Networks.named("vgg-16-bn").network(), BatchNorm.class)).hasSize(13);
  }

  @Test
  @DisplayName("GoogLeNet's maps are those of its paper, though its 5 x 5 branch is 3 x 3")
  void googLeNet() {
    var network = Networks.named("googlenet").network();

    // Szegedy et al., 2015, table 1
    assertThat(shape(network, "stem1.pool")).isEqualTo("56 x 56 x 64");
    assertThat(shape(network, "module1.shrink")).isEqualTo("28 x 28 x 192");
    assertThat(shapes(network, node -> node.name().endsWith(".concat")))
        .containsExactly(
            "28 x 28 x 256",
            "28 x 28 x 480",
            "14 x 14 x 512",
            "14 x 14 x 512",
            "14 x 14 x 512",
            "14 x 14 x 528",
            "14 x 14 x 832",
            "7 x 7 x 832",
            "7 x 7 x 1024");
    assertThat(network.node("module1.5x5.conv").operation())
        .isEqualTo(new Convolution(32, 3, 1, 1));
    assertThat(all(network, BatchNorm.class))
        .extracting(Network.Node::operation)
        .containsOnly(new BatchNorm(1e-3, 0.9));
  }

  @Test
  @DisplayName("GoogLeNet trains with two auxiliary classifiers if told so, and infers without")
  void auxiliaries() {
    var spec = read("base = googlenet, auxiliary = true");
    var network = spec.network();
    var plain = Networks.named("googlenet").network();

    assertThat(plain.auxiliaries()).isEmpty();
    assertThat(network.auxiliaries()).extracting(Network.Auxiliary::weight).containsExactly(.3, .3);
    assertThat(network.auxiliaries())
        .extracting(auxiliary -> auxiliary.logits().name())
        .containsExactly("module3.auxiliary.classifier", "module6.auxiliary.classifier");
    assertThat(shape(network, "module3.auxiliary.pool")).isEqualTo("4 x 4 x 512");
    assertThat(shape(network, "module6.auxiliary.pool")).isEqualTo("4 x 4 x 528");
    // torchvision's count with them
    assertThat(parameters(network)).isEqualTo(13_004_888L);
    assertThat(network.inference().nodes().toString()).isEqualTo(plain.nodes().toString());
    assertThat(shape(spec.withResolution(64).network(), "module3.auxiliary.pool"))
        .isEqualTo("1 x 1 x 512");
  }

  @Test
  @DisplayName("ResNet-50 shrinks its maps in the 3 x 3 convolutions, one shortcut a stage")
  void resNet() {
    var network = Networks.named("resnet-50").network();

    assertThat(all(network, Convolution.class)).hasSize(53);
    assertThat(shapes(network, node -> node.name().endsWith("shortcut.norm")))
        .containsExactly("56 x 56 x 256", "28 x 28 x 512", "14 x 14 x 1024", "7 x 7 x 2048");
    assertThat(shape(network, "stage2.1.reduce.act")).isEqualTo("56 x 56 x 128");
    assertThat(shape(network, "stage2.1.spatial.act")).isEqualTo("28 x 28 x 128");
    assertThat(network.node("stage2.1.act").onlyInput().inputs())
        .containsExactly(
            network.node("stage2.1.shortcut.norm"), network.node("stage2.1.expand.norm"));
    assertThat(network.node("stage2.2.add").inputs().get(0)).isSameAs(network.node("stage2.1.act"));
    assertThat(shapes(Networks.named("resnet-34").network(), n -> n.name().contains("shortcut.n")))
        .containsExactly("28 x 28 x 128", "14 x 14 x 256", "7 x 7 x 512");
  }

  @Test
  @DisplayName(
      "SE-ResNets scale the branch before the addition, a sixteenth of the channels inside")
  void seResNet() {
    var network = Networks.named("se-resnet-50").network();
    var scale = network.node("stage3.2.excite.scale");

    assertThat(scale.inputs())
        .containsExactly(
            network.node("stage3.2.expand.norm"), network.node("stage3.2.excite.gate"));
    assertThat(network.node("stage3.2.add").inputs()).contains(scale);
    assertThat(shape(network, "stage3.2.excite.reduce")).isEqualTo("1 x 1 x 64");
    assertThat(function(network, "stage3.2.excite.act")).isEqualTo(RELU);
    assertThat(function(network, "stage3.2.excite.gate")).isEqualTo(SIGMOID);
    assertThat(all(network, Operation.Scale.class)).hasSize(3 + 4 + 6 + 3);
  }

  @Test
  @DisplayName("DenseNet-121 grows by 32 channels a layer and halves them between blocks")
  void denseNet() {
    var network = Networks.named("densenet-121").network();

    // Huang et al., 2017, table 1
    assertThat(shapes(network, node -> node.name().matches("transition\\d.pool|head.norm")))
        .containsExactly("28 x 28 x 128", "14 x 14 x 256", "7 x 7 x 512", "7 x 7 x 1024");
    assertThat(shape(network, "block2.3.concat")).isEqualTo("28 x 28 x 224");
    assertThat(shape(network, "block2.3.reduce.act")).isEqualTo("28 x 28 x 128");
    assertThat(network.node("block2.3.concat").inputs())
        .containsExactly(network.node("block2.2.concat"), network.node("block2.3.grow"));
    assertThat(all(network, Convolution.class)).hasSize(120);
  }

  @Test
  @DisplayName("Xception's shortcuts read what its activations have not touched yet")
  void xception() {
    var network = Networks.named("xception").network();

    assertThat(shapes(network, node -> node.name().matches("(stem|entry|exit)\\d(.act|.add)")))
        .containsExactly(
            "149 x 149 x 32",
            "147 x 147 x 64",
            "74 x 74 x 128",
            "37 x 37 x 256",
            "19 x 19 x 728",
            "10 x 10 x 1024",
            "10 x 10 x 1536",
            "10 x 10 x 2048");
    var entry1 = network.node("entry1.add");
    assertThat(network.node("entry2.shortcut.conv").inputs()).containsExactly(entry1);
    assertThat(network.node("entry2.1.act").inputs()).containsExactly(entry1);
    assertThat(network.node("entry1.1.depthwise").inputs())
        .containsExactly(network.node("stem2.act"));
    assertThat(network.node("middle1.add").inputs())
        .containsExactly(network.node("entry3.add"), network.node("middle1.3.norm"));
    assertThat(network.node("middle1.1.conv").inputs())
        .containsExactly(network.node("middle1.1.depthwise"));
    assertThat(all(network, BatchNorm.class))
        .hasSize(40)
        .extracting(Network.Node::operation)
        .containsOnly(new BatchNorm(1e-3, 0.99));
  }

  @Test
  @DisplayName("MobileNetV1 is 28 layers that end with a map of 7 x 7 x 1024")
  void mobileNetV1() {
    var network = Networks.named("mobilenet-v1").network();

    assertThat(all(network, Convolution.class)).hasSize(27);
    assertThat(all(network, Activation.class)).hasSize(27);
    assertThat(shape(network, "stage4.6.pointwise.act")).isEqualTo("14 x 14 x 512");
    assertThat(network.node("pool").onlyInput().shape()).isEqualTo(new Shape(7, 7, 1024));
    assertThat(parameters(read("base = mobilenet-v1, width = 0.3").network()))
        .isEqualTo(mobileNetV1Parameters(0.3));
  }

  /** Counted from the paper's table 1: alpha times each number of channels, nothing rounded up. */
  private static long mobileNetV1Parameters(double alpha) {
    var channels =
        List.of(32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024).stream()
            .map(full -> Math.round(full * alpha))
            .toList();
    long sum = 3 * 9 * channels.get(0) + 2 * channels.get(0);
    for (int i = 1; i < channels.size(); i++) {
      long in = channels.get(i - 1);
      long out = channels.get(i);
      sum += 9 * in + 2 * in + in * out + 2 * out;
    }
    return sum + 1000 * channels.get(13) + 1000;
  }

  @Test
  @DisplayName("ShuffleNetV2 computes on the right half, and its depthwise convolutions are linear")
  void shuffleNetV2() {
    var network = Networks.named("shufflenet-v2-1.0").network();

    // Ma et al., 2018, table 5
    assertThat(shapes(network, node -> node.name().matches("stage\\d.[48].shuffle|head.act")))
        .containsExactly(
            "28 x 28 x 116", "14 x 14 x 232", "14 x 14 x 232", "7 x 7 x 464", "7 x 7 x 1024");
    assertThat(network.node("stage1.2.left").operation())
        .isEqualTo(new ChannelOperation.Slice(0, 58));
    assertThat(network.node("stage1.2.first.conv").inputs())
        .containsExactly(network.node("stage1.2.right"));
    assertThat(network.node("stage1.2.concat").inputs())
        .containsExactly(network.node("stage1.2.left"), network.node("stage1.2.second.act"));
    assertThat(network.node("stage1.2.second.conv").inputs())
        .containsExactly(network.node("stage1.2.depthwise.norm"));
    assertThat(network.node("stage1.1.shortcut.depthwise.conv").inputs())
        .containsExactly(network.node("stem.pool"));
    assertThat(shape(read("base = shufflenet-v2-1.0, width = 0.3").network(), "stage1.1.shuffle"))
        .isEqualTo("28 x 28 x 34"); // 34.8, to an even number
  }

  @Test
  @DisplayName("Squeeze-and-excitation gates what the depthwise convolutions of MobileNetV2 give")
  void squeezeExcite() {
    var network = read("base = mobilenet-v2, squeeze-excite = 4").network();
    var scale = network.node("stage3.2.excite.scale");

    assertThat(scale.inputs().get(0)).isSameAs(network.node("stage3.2.depthwise.act"));
    assertThat(network.node("stage3.2.project.conv").inputs()).containsExactly(scale);
    assertThat(function(network, "stage3.2.depthwise.act")).isEqualTo(RELU6);
    long gates =
        all(network, Operation.Scale.class).stream()
            .mapToLong(node -> node.shape().channels())
            .map(channels -> 2 * channels * (channels / 4) + channels / 4 + channels)
            .sum();
    assertThat(all(network, Operation.Scale.class)).hasSize(17);
    assertThat(parameters(network)).isEqualTo(3_504_872L + gates);
  }

  private static NetworkSpec read(String hocon) {
    return NetworkSpec.read(Settings.parse(hocon, "shapes.conf"));
  }

  /** Trained values of all nodes, auxiliary classifiers included. */
  private static long parameters(Network network) {
    long all = 0;
    for (var node : network.nodes()) {
      for (var size : Weights.sizes(node).entrySet()) {
        boolean statistic =
            size.getKey() == Weights.Parameter.MEAN || size.getKey() == Weights.Parameter.VARIANCE;
        all += statistic ? 0 : size.getValue();
      }
    }
    return all;
  }

  private static List<Network.Node> all(Network network, Class<? extends Operation> kind) {
    return network.nodes().stream().filter(node -> kind.isInstance(node.operation())).toList();
  }

  private static String shape(Network network, String name) {
    return network.node(name).shape().toString();
  }

  private static List<String> shapes(Network network, Predicate<Network.Node> which) {
    return network.nodes().stream()
        .filter(which)
        .map(node -> node.shape().toString())
        .collect(Collectors.toList());
  }

  private static Activation.Function function(Network network, String name) {
    return ((Activation) network.node(name).operation()).function();
  }
}
