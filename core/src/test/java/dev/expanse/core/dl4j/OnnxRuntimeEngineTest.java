package dev.expanse.core.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.expanse.core.network.InitialWeights;
import dev.expanse.core.network.Networks;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class OnnxRuntimeEngineTest {
  @BeforeEach
  void oneThread() {
    NativeThreads.use(1);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("A classifier answers full and smaller queries as stock layers do, and no others")
  void classifier(OnnxRuntimeEngine engine) {
    assumeThat(engine.unavailable()).isEmpty();
    var network = Networks.named("ecnn").withResolution(32).withClasses(4).network();
    var weights = InitialWeights.draw(network, 1);
    try (var stock = Engine.STOCK.classifier(network, weights, 4, 1, Choice.REPEATABLE);
        var classifier = engine.classifier(network, weights, 4, 1, Choice.REPEATABLE)) {
      for (int count : new int[] {4, 1, 3}) {
        var images = images(count, 32);
        var expected = stock.probabilities(images);
        assertThat(difference(classifier.probabilities(images), expected)).isLessThan(1e-5);
        var query = classifier.query(images);
        assertThat(query.get()).isEqualTo(query.get());
        assertThat(difference(query.get(), expected)).isLessThan(1e-5);
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> classifier.probabilities(images(3, 33)))
          .withMessage("Cannot classify images of [3, 33, 33, 3]: expected [3, 32, 32, 3]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> classifier.probabilities(images(5, 32)))
          .withMessage("Cannot classify images of [5, 32, 32, 3]: expected [4, 32, 32, 3]");
    }
  }

  @Test
  @DisplayName("It is there on the processor, and says in a sentence why not on a GPU")
  void unavailable() {
    assertThat(OnnxRuntimeEngine.ONNXRUNTIME.unavailable()).isEmpty();
    assumeThat(Path.of("/proc/driver/nvidia")).doesNotExist();
    assertThat(OnnxRuntimeEngine.ONNXRUNTIME_CUDA.unavailable().orElseThrow())
        .startsWith("ONNX Runtime does not compute on CUDA here (");
  }

  @Test
  @DisplayName("Weights for which a file of ONNX has no room are told of before it is made")
  void room() {
    var large = Networks.named("vgg-16").withResolution(512).network(); // 2^29 in one layer

    assertThat(OnnxRuntimeEngine.ONNXRUNTIME.unsupported(large).orElseThrow())
        .matches(
            "room for weights of 2,2\\d\\d,\\d{3},\\d{3} bytes: an ONNX file has 2 GiB at most");
    assertThat(OnnxRuntimeEngine.ONNXRUNTIME.unsupported(Networks.named("vgg-16").network()))
        .isEmpty();
  }

  private static INDArray images(int count, int side) {
    Nd4j.getRandom().setSeed(count);
    return Nd4j.randn(DataType.FLOAT, count, side, side, 3);
  }

  private static double difference(INDArray actual, INDArray expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    return actual.sub(expected).amaxNumber().doubleValue();
  }
}
