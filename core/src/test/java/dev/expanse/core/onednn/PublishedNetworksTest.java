package dev.expanse.core.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Networks;
import dev.expanse.core.network.Weights;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;

/** Networks against the same ones written in PyTorch, which shares no code with ours. */
class PublishedNetworksTest {
  private static final int BATCH = 2;
  private static final int SIDE = 64;
  private static final int CLASSES = 10;

  private static final Map<String, Definition> DEFINITIONS =
      Map.of(
          "mobilenet-v2", TorchvisionModels::mobileNetV2,
          "resnet-18", TorchvisionModels::resNet18,
          "shufflenet-v2-1.0", TorchvisionModels::shuffleNetV2,
          "densenet-121", TorchvisionModels::denseNet121,
          "se-resnet-50", TorchvisionModels::seResNet50);

  /** Logits {@code [N, classes]} of images {@code [N, C, H, W]}. */
  private interface Definition {
    NDArray logits(Torch torch, NDArray images, int classes);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {"mobilenet-v2", "resnet-18", "shufflenet-v2-1.0", "densenet-121", "se-resnet-50"})
  @DisplayName("With the same weights, PyTorch's network gives the same logits")
  void sameLogits(String name) {
    var network = Networks.named(name).withResolution(SIDE).withClasses(CLASSES).network();
    var definition = DEFINITIONS.get(name);
    var images = images();
    var weights = fitted(network, TrainedWeights.drawn(network, 5), definition, images);

    var expected = torchLogits(network, weights, definition, images);
    var found = logits(network, weights, images);

    for (int i = 0; i < BATCH; i++) {
      // a softmax leaves logits but for one sum, so that each row's mean is taken off both
      assertThat(centred(found[i])).containsExactly(centred(expected[i]), within(1e-3));
      assertThat(Arrays.stream(expected[i]).map(Math::abs).max().orElseThrow())
          .isBetween(0.5, 50.0);
    }
  }

  private static float[] images() {
    var random = new Random(3);
    var values = new float[BATCH * 3 * SIDE * SIDE];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** With the statistics of these images: drawn ones let values grow from layer to layer. */
  private static Weights fitted(
      Network network, Weights drawn, Definition definition, float[] images) {
    try (var torch = new Torch(network, drawn)) {
      return torch.fitted(
          input -> definition.logits(torch, input, CLASSES),
          torch.images(images, BATCH, 3, SIDE, SIDE));
    }
  }

  private static double[][] torchLogits(
      Network network, Weights weights, Definition definition, float[] images) {
    try (var torch = new Torch(network, weights)) {
      var input = torch.images(images, BATCH, 3, SIDE, SIDE);
      var values = definition.logits(torch, input, CLASSES).toFloatArray();
      assertThat(torch.atTheEnd()).isTrue();
      var rows = new double[BATCH][CLASSES];
      for (int i = 0; i < values.length; i++) {
        rows[i / CLASSES][i % CLASSES] = values[i];
      }
      return rows;
    }
  }

  private static double[][] logits(Network network, Weights weights, float[] images) {
    try (var compiled = CompiledNetwork.compile(network, weights, BATCH, 1, Choice.REPEATABLE)) {
      var input =
          Nd4j.createFromArray(images).reshape(BATCH, 3, SIDE, SIDE).permute(0, 2, 3, 1).dup('c');
      var logits = compiled.probabilities(input).toDoubleMatrix();
      for (var row : logits) {
        Arrays.setAll(row, i -> Math.log(row[i]));
      }
      return logits;
    }
  }

  private static double[] centred(double[] row) {
    double mean = Arrays.stream(row).average().orElseThrow();
    return Arrays.stream(row).map(x -> x - mean).toArray();
  }
}
