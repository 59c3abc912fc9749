package dev.expanse.core.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Networks;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.GlobalAveragePool;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;

class Dl4jModelTest {
  private static final NetworkSpec SMALL =
      NetworkSpec.read(
          Settings.parse(
              """
              name = small, family = inverted-residual, resolution = 12, classes = 4
              table = [[1, 8, 1, 1, 3], [3, 8, 2, 2, 5]], stem = 8, head = 16, dropout = 0
              """,
              "small.conf"));

  @Test
  @DisplayName("Gradients agree with finite differences in double precision")
  void gradients() {
    NativeThreads.use(1);
    Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE); // which the check insists on
    try {
      var training = new Dl4jModel.Training(new NoOp(), 0.01, 3, DataType.DOUBLE);
      var block =
          "base = mobilenet-v2, classes = 4, table = [[3, 8, 1, 1, 5]], stem = 8, head = 12";
      var spec = NetworkSpec.read(Settings.parse(block + ", dropout = 0", "block.conf"));
      var network = spec.withResolution(7).network();
      var graph = Dl4jModel.create(network, Engine.STOCK, training);

      boolean agree =
          GradientCheckUtil.checkGradients(
              new GradientCheckUtil.GraphConfig()
                  .net(graph)
                  .inputs(new INDArray[] {images(4, 7, DataType.DOUBLE)})
                  .labels(new INDArray[] {labels(4).castTo(DataType.DOUBLE)})
                  .excludeParams(runningStatistics(graph))
                  .subset(true)
                  .maxPerParam(6)
                  .epsilon(1e-6)
                  .maxRelError(1e-4)
                  .minAbsoluteError(1e-8));

      assertThat(agree).isTrue();
    } finally {
      Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("The graph has the parameters that the complexity counts, and norms' statistics")
  void parameters(Engine engine) {
    for (var name : Set.of("mobilenet-v2", "ecnn")) {
      var network = Networks.named(name).withClasses(100).withResolution(32).network();
      var graph = Dl4jModel.create(network, engine, training(1));

      long statistics = 0;
      for (var layer : graph.getLayers()) {
        if (layer.conf().getLayer() instanceof BatchNormalization norm) {
          statistics += 2 * norm.getNOut();
        } else if (layer.conf().getLayer() instanceof OneDnnLayer ours
            && ours.normMomentum().isPresent()) {
          statistics += 2 * ours.getNOut();
        }
      }
      assertThat(graph.numParams() - statistics).isEqualTo(Complexity.of(network).parameters());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Every layer's output has the shape that the network inferred, odd sizes included")
  void shapes(Engine engine) {
    var network = SMALL.withResolution(31).network();
    var graph = Dl4jModel.create(network, engine, training(1));

    var outputs = graph.feedForward(Nd4j.rand(2, 31, 31, 3), false);

    for (var node : network.nodes()) {
      if (!outputs.containsKey(node.name())) {
        continue; // inside of a fused layer
      }
      var shape = node.shape();
      var expected =
          shape.height() == 1 && shape.width() == 1 && !(node.operation() instanceof Convolution)
              ? new long[] {2, shape.channels()}
              : new long[] {2, shape.height(), shape.width(), shape.channels()};
      assertThat(outputs.get(node.name()).shape()).as(node.name()).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Training lowers the loss and finds the classes of its own images")
  void learns(Engine engine) {
    NativeThreads.use(1);
    var graph = Dl4jModel.create(SMALL.network(), engine, training(1));
    var data = new DataSet(images(32, 12, DataType.FLOAT), labels(32));
    double before = graph.score(data);

    for (int step = 0; step < 60; step++) {
      graph.fit(data);
    }

    assertThat(graph.score(data)).isLessThan(before / 4);
    assertThat(graph.output(data.getFeatures())[0].argMax(1)).isEqualTo(data.getLabels().argMax(1));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("JSON, in which Spark sends a network, and a model file change no output")
  void roundTrips(Engine engine) throws IOException {
    NativeThreads.use(1);
    var updater = new Nesterovs(new LinearDecay(0.05, 100), 0.9);
    var decaying = new Dl4jModel.Training(updater, 1e-4, 1, DataType.FLOAT);
    var graph = Dl4jModel.create(SMALL.network(), engine, decaying);
    var data = new DataSet(images(16, 12, DataType.FLOAT), labels(16));
    for (int step = 0; step < 5; step++) {
      graph.fit(data);
    }
    var expected = graph.output(data.getFeatures())[0];

    var json = ComputationGraphConfiguration.fromJson(graph.getConfiguration().toJson());
    var viaJson = new ComputationGraph(json);
    viaJson.init(graph.params().dup(), false);
    var file = new ByteArrayOutputStream();
    ModelSerializer.writeModel(graph, file, true);
    var viaFile =
        ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(file.toByteArray()), true);

    assertThat(json.toJson()).isEqualTo(graph.getConfiguration().toJson());
    assertThat(viaJson.output(data.getFeatures())[0]).isEqualTo(expected);
    assertThat(viaFile.output(data.getFeatures())[0]).isEqualTo(expected);
    assertThat(viaFile.getUpdater().getStateViewArray())
        .isEqualTo(graph.getUpdater().getStateViewArray());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("One seed gives the same weights and, step by step, the same training")
  void repeatable(Engine engine) {
    NativeThreads.use(1);
    var data = new DataSet(images(16, 12, DataType.FLOAT), labels(16));
    var a = Dl4jModel.create(SMALL.network(), engine, training(7));
    var b = Dl4jModel.create(SMALL.network(), engine, training(7));
    var other = Dl4jModel.create(SMALL.network(), engine, training(8));

    assertThat(a.params()).isEqualTo(b.params()).isNotEqualTo(other.params());
    for (int step = 0; step < 3; step++) {
      a.fit(data);
      b.fit(data);
    }
    assertThat(a.params()).isEqualTo(b.params());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Closing a graph frees its arrays and workspaces, and seldom collects garbage")
  void closing(Engine engine) {
    int graphs = 10;
    long collections = collections();
    for (int i = 0; i < graphs; i++) {
      var graph = Dl4jModel.create(SMALL.network(), engine, training(1));
      graph.fit(new DataSet(images(4, 12, DataType.FLOAT), labels(4)));
      assertThat(Nd4j.getWorkspaceManager().getAllWorkspacesForCurrentThread()).isNotEmpty();

      Dl4jModel.close(graph);

      assertThat(graph.params().wasClosed()).isTrue();
      assertThat(graph.getGradientsViewArray().wasClosed()).isTrue();
      assertThat(graph.getUpdater(false).getStateViewArray().wasClosed()).isTrue();
      assertThat(Nd4j.getWorkspaceManager().getAllWorkspacesForCurrentThread()).isEmpty();
    }
    assertThat(collections() - collections).isLessThan(graphs);
  }

  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
        .sum();
  }

  @Test
  @DisplayName("A grouped convolution that is neither dense nor depthwise is refused by name")
  void grouped() {
    var builder = Network.forImages(8);
    var conv = builder.add("conv", new Convolution(8, 3, 1, 1), builder.image());
    var grouped = builder.add("grouped", new Convolution(8, 3, 1, 2), conv);
    builder.add("dense", new Dense(4), builder.add("pool", new GlobalAveragePool(), grouped));
    var network = builder.build();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Dl4jModel.create(network, Engine.STOCK, training(1)))
        .withMessageContaining("'grouped'");
    assertThat(Engine.STOCK.unsupported(network)).isPresent();
    assertThat(Engine.ONEDNN.unsupported(network)).isEmpty();
  }

  /** They travel through DL4J's updater as gradients, without being any. */
  private static Set<String> runningStatistics(ComputationGraph graph) {
    return graph.paramTable().keySet().stream()
        .filter(name -> name.endsWith("_mean") || name.endsWith("_log10stdev"))
        .collect(Collectors.toSet());
  }

  private static Dl4jModel.Training training(long seed) {
    return new Dl4jModel.Training(new Nesterovs(0.05, 0.9), 1e-4, seed, DataType.FLOAT);
  }

  private static INDArray images(int count, int side, DataType type) {
    Nd4j.getRandom().setSeed(5);
    return Nd4j.randn(DataType.DOUBLE, count, side, side, 3).castTo(type);
  }

  private static INDArray labels(int count) {
    var labels = Nd4j.zeros(DataType.FLOAT, count, 4);
    for (int i = 0; i < count; i++) {
      labels.putScalar(i, i % 4, 1);
    }
    return labels;
  }
}
