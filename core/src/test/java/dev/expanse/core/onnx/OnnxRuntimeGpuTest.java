package dev.expanse.core.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.onednn.TrainedWeights;
import dev.expanse.core.onnx.OnnxModel.Norms;
import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where there is no GPU, or the build is not that of the profile {@code cuda}, all are skipped. */
class OnnxRuntimeGpuTest {
  private static final int IMAGES = 5;

  @BeforeAll
  static void requireGpu() {
    assumeTrue(OnnxDevice.CUDA.unavailable().isEmpty(), () -> OnnxDevice.CUDA.unavailable().get());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vgg-11-bn",
        "googlenet",
        "resnet-18",
        "se-resnet-18",
        "densenet-121",
        "xception",
        "mobilenet-v1",
        "mobilenet-v2",
        "ecnn",
        "shufflenet-v2-1.0"
      })
  @DisplayName("A GPU finds the probabilities that the processor finds, but for TF32's rounding")
  void asTheProcessor(String name) {
    var spec = NetworkSpec.read(Settings.parse("base = %s, resolution = 64".formatted(name), name));
    var network = spec.network();
    var model = OnnxModel.of(network, TrainedWeights.drawn(network, 1), Norms.FOLDED);

    try (var processor = OnnxRuntimeSession.open(model, 1, OnnxDevice.CPU);
        var gpu = OnnxRuntimeSession.open(model, 1, OnnxDevice.CUDA)) {
      var expected = probabilities(processor);
      var found = probabilities(gpu);

      assertThat(found.remaining()).isEqualTo(IMAGES * spec.classes());
      double greatest = 0;
      double apart = 0;
      for (int i = 0; i < found.remaining(); i++) {
        greatest = Math.max(greatest, expected.get(i));
        apart = Math.max(apart, Math.abs(found.get(i) - expected.get(i)));
      }
      assertThat(apart / greatest).isLessThan(0.1);
    }
  }

  private static FloatBuffer probabilities(OnnxRuntimeSession session) {
    var batch = session.batch(IMAGES);
    var random = new Random(1);
    var images = batch.images();
    while (images.hasRemaining()) {
      images.put((float) random.nextGaussian());
    }
    return batch.run();
  }
}
