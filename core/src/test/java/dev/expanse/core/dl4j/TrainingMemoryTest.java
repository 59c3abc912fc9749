package dev.expanse.core.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.config.Settings;
import dev.expanse.core.memory.ResidentSize;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.onednn.ConvNormActivationUnit;
import java.io.IOException;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;

@EnabledOnOs(OS.LINUX)
class TrainingMemoryTest {
  private static final NetworkSpec SMALL =
      NetworkSpec.read(
          Settings.parse(
              """
              name = small, family = inverted-residual, resolution = 9, classes = 4
              table = [[1, 8, 1, 2, 3]], stem = 8, head = 8, dropout = 0
              """,
              "small.conf"));

  @Test
  @DisplayName("A thousand training steps grow the process by less than 2%")
  void thousandSteps() throws IOException, InterruptedException {
    var sizes = ResidentSize.of(ThousandSteps.class);

    assertThat(sizes.get(1)).isLessThan(sizes.get(0) + sizes.get(0) / 50);
  }

  static final class ThousandSteps {
    public static void main(String[] arguments) throws IOException {
      NativeThreads.use(1);
      var graph = graph(9, 1);
      var data = data(32, 9);
      for (int step = 0; step < 2000; step++) {
        if (step == 1000) {
          ResidentSize.report();
        }
        graph.fit(data);
      }
      ResidentSize.report();
    }
  }

  @Test
  @DisplayName("Opening, training and closing 200 networks grows the process by less than 2%")
  void manyNetworks() throws IOException, InterruptedException {
    var sizes = ResidentSize.of(ManyNetworks.class);

    assertThat(sizes.get(1)).isLessThan(sizes.get(0) + sizes.get(0) / 50);
  }

  static final class ManyNetworks {
    public static void main(String[] arguments) throws IOException {
      NativeThreads.use(1);
      for (int i = 0; i < 300; i++) {
        if (i == 100) {
          ResidentSize.report();
        }
        int side = 9 + i % 5;
        var graph = graph(side, i);
        graph.fit(data(4, side));
        Dl4jModel.close(graph);
        if (i % 10 == 9) {
          ConvNormActivationUnit.releaseIdle();
          System.gc(); // which closing a network does only after longer trainings
        }
      }
      ResidentSize.report();
    }
  }

  @Test
  @DisplayName("Steps of every operation there is grow the process by less than 2%")
  void everyOperation() throws IOException, InterruptedException {
    var sizes = ResidentSize.of(EveryOperation.class);

    assertThat(sizes.get(1)).isLessThan(sizes.get(0) + sizes.get(0) / 50);
  }

  static final class EveryOperation {
    public static void main(String[] arguments) throws IOException {
      Engine.ONEDNN.useThreads(2);
      var graphs = Stream.of(LookAlikes.values()).map(block -> graph(block.network(), 1)).toList();
      var data =
          data(8, LookAlikes.SIDE); // made once: ND4J frees arrays when Java collects garbage
      for (int step = 0; step < 300; step++) {
        if (step % 50 == 0) {
          System.gc(); // which frees the arrays that Deeplearning4j makes outside of workspaces
        }
        if (step == 150) {
          ResidentSize.report();
        }
        for (var graph : graphs) {
          graph.fit(Dl4jModel.minibatch(graph, data.getFeatures(), data.getLabels()));
        }
      }
      ResidentSize.report();
    }
  }

  private static ComputationGraph graph(int side, long seed) {
    return graph(SMALL.withResolution(side).network(), seed);
  }

  private static ComputationGraph graph(Network network, long seed) {
    var training = new Dl4jModel.Training(new Nesterovs(0.05, 0.9), 1e-3, seed, DataType.FLOAT);
    return Dl4jModel.create(network, Engine.ONEDNN, training);
  }

  private static DataSet data(int count, int side) {
    var labels = Nd4j.zeros(DataType.FLOAT, count, 4);
    for (int i = 0; i < count; i++) {
      labels.putScalar(i, i % 4, 1);
    }
    return new DataSet(Nd4j.randn(DataType.FLOAT, count, side, side, 3), labels);
  }
}
