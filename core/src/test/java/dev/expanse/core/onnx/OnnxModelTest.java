package dev.expanse.core.onnx;

import static dev.expanse.core.onednn.AgainstDefinition.assertClose;
import static dev.expanse.core.onednn.AgainstDefinition.images;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Weights;
import dev.expanse.core.network.Weights.Parameter;
import dev.expanse.core.onednn.CompiledNetwork;
import dev.expanse.core.onednn.DrawnNetwork;
import dev.expanse.core.onednn.NaiveInference;
import dev.expanse.core.onednn.TrainedWeights;
import dev.expanse.core.onnx.OnnxModel.Norms;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class OnnxModelTest {
  private static final int DRAWN = 40;

  @TempDir private static Path folder;

  private static Stream<Arguments> networksAndNorms() {
    return Stream.of(
            "base = vgg-11, width = 0.1, resolution = 64, hidden = 24",
            "base = vgg-11-bn, width = 0.1, resolution = 71, hidden = 24",
            "base = googlenet, width = 0.25, resolution = 47, auxiliary = true",
            "base = resnet-18, width = 0.25, resolution = 33",
            "base = resnet-50, width = 0.25, resolution = 32, groups = 4, group-width = 16",
            "base = se-resnet-18, width = 0.25, resolution = 32",
            "base = densenet-121, width = 0.25, resolution = 32",
            "base = xception, width = 0.1, resolution = 64",
            "base = mobilenet-v1, width = 0.25, resolution = 32",
            "base = mobilenet-v2, width = 0.5, resolution = 33",
            "base = ecnn, width = 0.5, resolution = 32",
            "base = shufflenet-v2-0.5, resolution = 32")
        .flatMap(hocon -> Stream.of(Norms.values()).map(norms -> Arguments.of(hocon, norms)));
  }

  @ParameterizedTest(name = "{0}, norms {1}")
  @MethodSource("networksAndNorms")
  @DisplayName(
      "From one file ONNX Runtime gives the probabilities of the definition and of a compiled"
          + " network, for one image and for five")
  void families(String hocon, Norms norms) throws IOException {
    var network = spec(hocon).network();
    var images = images(network, 5);
    var weights = undecided(network, images);
    var expected = NaiveInference.probabilities(network, weights, images);
    var file = write(OnnxModel.of(network, weights, norms));

    try (var session = OnnxRuntimeSession.open(file, 1, OnnxDevice.CPU);
        var compiled = CompiledNetwork.compile(network, weights, 5, 1)) {
      var five = probabilities(session, images);
      assertClose(five, expected, 1e-3);
      assertClose(five, compiled.probabilities(images), 1e-3);
      assertThat(greatestDifference(five, expected)).isLessThan(1e-4);
      for (int n = 0; n < 5; n++) {
        var image = images.get(NDArrayIndex.interval(n, n + 1));
        var one = probabilities(session, image);
        assertThat(greatestDifference(one, expected.getRow(n, true))).isLessThan(1e-4);
      }
    }
  }

  /** Else drawn weights let logits grow so that one class has it all, whatever the others are. */
  private static Weights undecided(Network network, INDArray images) {
    var weights = TrainedWeights.drawn(network, 1);
    while (greatest(network, weights, images) > 0.5) {
      weights = withSmallerLogits(network, weights);
    }
    return weights;
  }

  private static double greatest(Network network, Weights weights, INDArray images) {
    try (var compiled = CompiledNetwork.compile(network, weights, 5, 1)) {
      return compiled.probabilities(images).maxNumber().doubleValue();
    }
  }

  private static Weights withSmallerLogits(Network network, Weights weights) {
    var smaller = Weights.of(network);
    for (var node : network.nodes()) {
      for (var parameter : Weights.sizes(node).keySet()) {
        var values = weights.get(node, parameter);
        if (node == network.output() && parameter == Parameter.WEIGHT) {
          for (int i = 0; i < values.length; i++) {
            values[i] /= 3;
          }
        }
        smaller.put(node, parameter, values);
      }
    }
    return smaller.build();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Networks drawn from all operations, their values read anywhere, are computed right")
  void drawn(Norms norms) {
    for (int seed = 0; seed < DRAWN; seed++) {
      var network = DrawnNetwork.of(new Random(1000L + seed), 1);
      var weights = TrainedWeights.drawn(network, seed);
      var images = images(network, 2);
      var model = OnnxModel.of(network, weights, norms);
      try (var session = OnnxRuntimeSession.open(model, 1, OnnxDevice.CPU)) {
        var expected = NaiveInference.probabilities(network, weights, images);
        assertThat(greatestDifference(probabilities(session, images), expected)).isLessThan(1e-4);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("with seed " + seed + ": " + network.nodes(), e);
      }
    }
  }

  @Test
  @DisplayName("The file says which network it is, on what images, and who wrote it")
  void metadata() throws IOException {
    var spec = spec("base = ecnn, width = 0.25, resolution = 32");
    var model = OnnxModel.of(metadata(spec), TrainedWeights.drawn(spec.network(), 1), Norms.FOLDED);

    try (var session = OnnxRuntimeSession.open(write(model), 1, OnnxDevice.CPU)) {
      var read = session.metadata();
      assertThat(read)
          .isEqualTo(metadata(spec).labels())
          .containsEntry("expanse.network", "tested")
          .containsEntry("expanse.resolution", "32")
          .containsEntry("expanse.classes", "10")
          .containsEntry("expanse.input_mean", "0.485,0.456,0.406")
          .containsEntry("expanse.input_deviation", "0.229,0.224,0.225")
          .containsEntry("expanse.output", "probabilities")
          .containsEntry("expanse.version", "1.0 (test)");
      var hocon = read.get("expanse.network_hocon");
      assertThat(NetworkSpec.read(Settings.parse(hocon, "metadata"))).isEqualTo(spec);
    }
  }

  private static OnnxMetadata metadata(NetworkSpec spec) {
    return new OnnxMetadata(
        spec, List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f), "1.0 (test)");
  }

  @Test
  @DisplayName("The same network is the same bytes, of the size that it says, and others are not")
  void deterministic() throws IOException {
    var spec = spec("base = shufflenet-v2-0.5, resolution = 32");
    var first = OnnxModel.of(metadata(spec), TrainedWeights.drawn(spec.network(), 1), Norms.KEPT);
    var again = OnnxModel.of(metadata(spec), TrainedWeights.drawn(spec.network(), 1), Norms.KEPT);
    var other = OnnxModel.of(metadata(spec), TrainedWeights.drawn(spec.network(), 2), Norms.KEPT);

    assertThat(bytes(first)).isEqualTo(bytes(again)).isNotEqualTo(bytes(other));
    assertThat(bytes(first)).hasSize(Math.toIntExact(first.size()));
    assertThat(Nd4j.createFromArray(bytes(first)).length()).isEqualTo(first.bytes().remaining());
  }

  @Test
  @DisplayName("Operators have the names of nodes; norms are folded where only they read a map")
  void names() throws IOException {
    var network = spec("base = densenet-121, width = 0.25, resolution = 32").network();
    var weights = TrainedWeights.drawn(network, 1);
    var kept = operators(OnnxModel.of(network, weights, Norms.KEPT));
    var folded = operators(OnnxModel.of(network, weights, Norms.FOLDED));

    var norms =
        network.nodes().stream()
            .filter(node -> node.operation() instanceof Operation.BatchNorm)
            .map(Network.Node::name)
            .toList();
    assertThat(names(kept, "BatchNormalization")).isEqualTo(norms);
    assertThat(names(folded, "BatchNormalization"))
        .contains("block1.1.input.norm", "head.norm")
        .doesNotContain("stem.norm", "block1.1.reduce.norm")
        .hasSize(norms.size() - 1 - 58); // the stem's, and the second of each layer
    assertThat(names(folded, "Conv")).isEqualTo(names(kept, "Conv")).contains("stem.conv");
    assertThat(names(folded, "Gemm")).containsExactly("classifier");
  }

  private static List<String> names(List<NodeProto> operators, String type) {
    return operators.stream()
        .filter(operator -> operator.getOpType().equals(type))
        .map(NodeProto::getName)
        .toList();
  }

  private static List<NodeProto> operators(OnnxModel model) throws IOException {
    return ModelProto.parseFrom(bytes(model)).getGraph().getNodeList();
  }

  @Test
  @DisplayName("Neither weights of another network nor a file of something else is taken")
  void refusals() throws IOException {
    var network = spec("base = ecnn, width = 0.25, resolution = 32").network();
    var other = spec("base = vgg-11, width = 0.1, resolution = 32").network();
    var text = Files.writeString(folder.resolve("text.onnx"), "no model");

    assertThatThrownBy(() -> OnnxModel.of(network, TrainedWeights.drawn(other, 1), Norms.FOLDED))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot find the WEIGHT of stem.conv");
    assertThatThrownBy(() -> OnnxRuntimeSession.open(text, 1, OnnxDevice.CPU))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("ONNX Runtime cannot open the model: ");
    assertThatThrownBy(() -> OnnxRuntimeSession.open(text, 0, OnnxDevice.CPU))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot compute on 0 threads");
  }

  private static NetworkSpec spec(String hocon) {
    return NetworkSpec.read(Settings.parse("name = tested, classes = 10, " + hocon, "test"));
  }

  private static Path write(OnnxModel model) throws IOException {
    return Files.write(Files.createTempFile(folder, "model", ".onnx"), bytes(model));
  }

  private static byte[] bytes(OnnxModel model) throws IOException {
    var bytes = new ByteArrayOutputStream();
    model.writeTo(bytes);
    return bytes.toByteArray();
  }

  private static INDArray probabilities(OnnxRuntimeSession session, INDArray images) {
    int count = (int) images.size(0);
    var batch = session.batch(count);
    batch.images().put(images.permute(0, 3, 1, 2).dup('c').data().asFloat());
    var probabilities = batch.run();
    var values = new float[probabilities.remaining()];
    probabilities.get(values);
    return Nd4j.createFromArray(values).reshape(count, values.length / count);
  }

  private static double greatestDifference(INDArray actual, INDArray expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    return actual.castTo(expected.dataType()).sub(expected).amaxNumber().doubleValue();
  }
}
