package dev.expanse.core.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.network.InitialWeights;
import dev.expanse.core.network.Networks;
import java.io.File;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;

class OneDnnTest {
  @Test
  @DisplayName(
      "Where its natives are missing it says so; what it trained can be read and run stock")
  void withoutNatives() throws IOException, InterruptedException {
    var classPath =
        Arrays.stream(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"))
                    .split(File.pathSeparator))
            .filter(entry -> !entry.matches(".*dnnl-[^/\\\\]*-x86_64\\.jar"))
            .collect(Collectors.joining(File.pathSeparator));
    var java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
    var process =
        new ProcessBuilder(java, "-cp", classPath, WithoutNatives.class.getName())
            .redirectErrorStream(true)
            .start();
    var output = new String(process.getInputStream().readAllBytes());

    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output)
        .containsPattern("oneDNN's natives do not load here \\(UnsatisfiedLinkError: .*\\)")
        .contains("probabilities sum to 1.00");
  }

  static final class WithoutNatives {
    public static void main(String[] arguments) {
      System.out.println(Engine.ONEDNN.unavailable().orElseThrow());
      var network = Networks.named("ecnn").withClasses(4).withResolution(32).network();
      var training = new Dl4jModel.Training(new Nesterovs(0.1, 0.9), 0, 1, DataType.FLOAT);
      var graph = Dl4jModel.create(network, Engine.ONEDNN, training); // as a model file makes it
      Dl4jModel.setWeights(network, graph, InitialWeights.draw(network, 7));
      var weights = Dl4jModel.weights(network, graph);
      try (var classifier =
          Engine.STOCK.classifier(network, weights, 1, 1, CompiledNetwork.Choice.REPEATABLE)) {
        var probabilities = classifier.probabilities(Nd4j.rand(DataType.FLOAT, 1, 32, 32, 3));
        System.out.printf(
            java.util.Locale.ROOT,
            "probabilities sum to %.2f%n",
            probabilities.sumNumber().doubleValue());
      }
    }
  }
}
