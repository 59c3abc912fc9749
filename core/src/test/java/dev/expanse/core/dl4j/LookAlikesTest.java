package dev.expanse.core.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Weights;
import dev.expanse.core.network.Weights.Parameter;
import dev.expanse.core.onednn.NaiveInference;
import dev.expanse.core.onednn.Team;
import java.io.IOException;
import java.util.HashMap;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;

/** Every operation on both kits, in blocks of the networks that need them. */
class LookAlikesTest {
  static Stream<Arguments> onBothKits() {
    return Stream.of(LookAlikes.values())
        .flatMap(block -> Stream.of(Engine.values()).map(kit -> Arguments.of(block, kit)));
  }

  static Stream<Arguments> onTeams() {
    return Stream.of(LookAlikes.values())
        .flatMap(block -> Stream.of(1, 2, 3).map(threads -> Arguments.of(block, threads)));
  }

  @BeforeEach
  void oneThread() {
    NativeThreads.use(1);
    Team.use(1);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Each gradient of the score agrees with finite differences in double precision")
  void finiteDifferences(LookAlikes block) {
    var network = block.network();
    var graph = graph(network, Engine.STOCK, new NoOp(), 0.01, DataType.DOUBLE);
    Dl4jModel.setWeights(network, graph, spread(network));
    var data = minibatch(graph, 4, DataType.DOUBLE);
    graph.setInputs(data.getFeatures());
    graph.setLabels(data.getLabels());
    graph.computeGradientAndScore();
    var gradients = new HashMap<String, INDArray>();
    graph.gradient().gradientForVariable().forEach((name, g) -> gradients.put(name, g.dup('c')));

    for (var parameter : graph.paramTable().entrySet()) {
      var name = parameter.getKey();
      if (name.endsWith("_mean") || name.endsWith("_log10stdev")) {
        continue; // which travel through DL4J's updater as gradients, without being any
      }
      var direction = Nd4j.randn(DataType.DOUBLE, parameter.getValue().shape());
      // so short that it hardly meets a kink: a window's maximum moves on, an activation begins
      double slope = score(graph, parameter.getValue(), direction, 1e-8);
      slope = (slope - score(graph, parameter.getValue(), direction, -1e-8)) / 2e-8;
      double expected =
          penalized(graph, name, gradients.get(name)).muli(direction).sumNumber().doubleValue();
      assertThat(slope)
          .as(name)
          .isCloseTo(expected, within(1e-5 * Math.max(0.1, Math.abs(expected))));
    }
  }

  /** A sum over the minibatch as the gradient of the score, which is a mean and has a penalty. */
  private static INDArray penalized(ComputationGraph graph, String name, INDArray sum) {
    var gradient = sum.div(4);
    return name.endsWith("_W") ? gradient.addi(graph.paramTable().get(name).mul(0.01)) : gradient;
  }

  /** The score with a parameter moved by {@code step} along a direction. */
  private static double score(
      ComputationGraph graph, INDArray parameter, INDArray direction, double step) {
    var before = parameter.dup();
    parameter.addi(direction.mul(step));
    graph.computeGradientAndScore();
    parameter.assign(before);
    return graph.score();
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("onTeams")
  @DisplayName("A step of oneDNN's kit changes every parameter as one of Deeplearning4j in doubles")
  void sameStep(LookAlikes block, int threads) {
    Team.use(threads);
    var network = block.network();
    var stock = graph(network, Engine.STOCK, new Sgd(1), 0.01, DataType.DOUBLE);
    var ours = graph(network, Engine.ONEDNN, new Sgd(1), 0.01, DataType.FLOAT);
    var weights = spread(network);
    Dl4jModel.setWeights(network, stock, weights);
    Dl4jModel.setWeights(network, ours, weights);

    stock.fit(minibatch(stock, 5, DataType.DOUBLE));
    ours.fit(minibatch(ours, 5, DataType.FLOAT));

    assertThat(ours.score()).isCloseTo(stock.score(), within(1e-4));
    var expected = Dl4jModel.weights(network, stock);
    var actual = Dl4jModel.weights(network, ours);
    for (var node : network.nodes()) {
      for (var parameter : Weights.sizes(node).keySet()) {
        var before = Nd4j.createFromArray(weights.get(node, parameter));
        var change = Nd4j.createFromArray(expected.get(node, parameter)).subi(before);
        var ourChange = Nd4j.createFromArray(actual.get(node, parameter)).subi(before);
        double scale = Math.max(1e-3, change.amaxNumber().doubleValue());
        assertThat(ourChange.sub(change).amaxNumber().doubleValue())
            .as("%s of %s", parameter, node)
            .isLessThanOrEqualTo(2e-3 * scale);
      }
    }
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("onBothKits")
  @DisplayName("A graph's first output is what the network's definition says")
  void inference(LookAlikes block, Engine kit) {
    Team.use(2);
    var network = block.network();
    var graph = graph(network, kit, new Sgd(1), 0, DataType.FLOAT);
    var weights = spread(network);
    Dl4jModel.setWeights(network, graph, weights);
    var images = images(3, DataType.FLOAT);

    var expected = NaiveInference.probabilities(network, weights, images);

    assertClose(graph.output(images)[0], expected, 1e-4);
    var without = network.inference();
    var smaller = graph(without, kit, new Sgd(1), 0, DataType.FLOAT);
    Dl4jModel.setWeights(without, smaller, weights);
    assertClose(smaller.output(images)[0], expected, 1e-4);
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("onBothKits")
  @DisplayName("JSON, in which Spark sends a network, changes no output and no step")
  void roundTrips(LookAlikes block, Engine kit) throws IOException {
    var graph = graph(block.network(), kit, new Nesterovs(0.02, 0.9), 1e-3, DataType.FLOAT);
    var data = minibatch(graph, 6, DataType.FLOAT);
    graph.fit(data);
    var json = ComputationGraphConfiguration.fromJson(graph.getConfiguration().toJson());
    var again = new ComputationGraph(json);
    again.init(graph.params().dup(), false);
    again.getUpdater(true).setStateViewArray(graph.getUpdater().getStateViewArray().dup());

    assertThat(json.toJson()).isEqualTo(graph.getConfiguration().toJson());
    assertThat(json).isEqualTo(graph.getConfiguration());
    assertThat(again.output(data.getFeatures(0))).isEqualTo(graph.output(data.getFeatures(0)));
    graph.fit(data);
    again.fit(data);
    assertThat(again.params()).isEqualTo(graph.params());
    assertThat(again.score()).isEqualTo(graph.score());
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("onBothKits")
  @DisplayName("Thirty steps lower the loss")
  void learns(LookAlikes block, Engine kit) {
    var graph = graph(block.network(), kit, new Nesterovs(0.05, 0.9), 1e-4, DataType.FLOAT);
    var data = minibatch(graph, 16, DataType.FLOAT);
    double before = graph.score(data);

    for (int step = 0; step < 30; step++) {
      graph.fit(data);
    }

    assertThat(graph.score()).isLessThan(0.97 * before);
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("onBothKits")
  @DisplayName("Weights come back as they were set, and only they count in the penalty")
  void weights(LookAlikes block, Engine kit) {
    var network = block.network();
    var graph = graph(network, kit, new Sgd(1), 0.2, DataType.FLOAT);
    var weights = spread(network);
    Dl4jModel.setWeights(network, graph, weights);

    double squares = 0;
    long count = 0;
    var read = Dl4jModel.weights(network, graph);
    for (var node : network.nodes()) {
      for (var size : Weights.sizes(node).entrySet()) {
        var values = Nd4j.createFromArray(weights.get(node, size.getKey()));
        assertClose(Nd4j.createFromArray(read.get(node, size.getKey())), values, 1e-6);
        squares +=
            size.getKey() == Parameter.WEIGHT ? values.mul(values).sumNumber().doubleValue() : 0;
        count += size.getValue();
      }
    }
    assertThat(graph.numParams()).isEqualTo(count);
    double penalty = 0;
    for (var layer : graph.getLayers()) {
      penalty += layer.calcRegularizationScore(true);
    }
    assertThat(penalty).isCloseTo(0.1 * squares, within(1e-4 * squares));
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("onBothKits")
  @DisplayName("All running statistics are found, and nothing else is taken for any")
  void statistics(LookAlikes block, Engine kit) {
    var network = block.network();
    var graph = graph(network, kit, new Sgd(1), 0, DataType.FLOAT);
    var weights = spread(network);
    Dl4jModel.setWeights(network, graph, weights);

    var parameters = graph.params().dup().data().asFloat();
    RunningStatistics.of(graph).forget(parameters);
    graph.setParams(Nd4j.createFromArray(parameters).reshape(1, parameters.length));

    var read = Dl4jModel.weights(network, graph);
    for (var node : network.nodes()) {
      for (var parameter : Weights.sizes(node).keySet()) {
        boolean statistic = parameter == Parameter.MEAN || parameter == Parameter.VARIANCE;
        var values = Nd4j.createFromArray(weights.get(node, parameter));
        assertClose(
            Nd4j.createFromArray(read.get(node, parameter)),
            statistic ? values.mul(0) : values,
            1e-6);
      }
    }
  }

  private static ComputationGraph graph(
      Network network, Engine kit, IUpdater updater, double decay, DataType precision) {
    return Dl4jModel.create(network, kit, new Dl4jModel.Training(updater, decay, 3, precision));
  }

  /** Weights of which none is special: no bias or mean is 0, no factor or variance 1. */
  private static Weights spread(Network network) {
    Nd4j.getRandom().setSeed(9);
    var weights = Weights.of(network);
    for (var node : network.nodes()) {
      for (var size : Weights.sizes(node).entrySet()) {
        var values =
            switch (size.getKey()) {
              case WEIGHT -> {
                double inputs = (double) size.getValue() / node.shape().channels();
                yield Nd4j.randn(DataType.FLOAT, size.getValue()).mul(1 / Math.sqrt(inputs));
              }
              case BIAS, BETA, MEAN -> Nd4j.randn(DataType.FLOAT, size.getValue()).mul(0.2);
              case GAMMA, VARIANCE -> Nd4j.rand(DataType.FLOAT, size.getValue()).add(0.5);
            };
        weights.put(node, size.getKey(), values.data().asFloat());
      }
    }
    return weights.build();
  }

  private static MultiDataSet minibatch(ComputationGraph graph, int count, DataType type) {
    var labels = Nd4j.zeros(type, count, LookAlikes.CLASSES);
    for (int i = 0; i < count; i++) {
      labels.putScalar(i, i % LookAlikes.CLASSES, 1);
    }
    return Dl4jModel.minibatch(graph, images(count, type), labels);
  }

  private static INDArray images(int count, DataType type) {
    Nd4j.getRandom().setSeed(5);
    int side = LookAlikes.SIDE;
    return Nd4j.randn(DataType.FLOAT, count, side, side, 3).castTo(type);
  }

  private static void assertClose(INDArray actual, INDArray expected, double tolerance) {
    var difference = actual.castTo(DataType.DOUBLE).sub(expected.castTo(DataType.DOUBLE));
    double scale = Math.max(1e-3, expected.amaxNumber().doubleValue());
    assertThat(difference.amaxNumber().doubleValue()).isLessThanOrEqualTo(tolerance * scale);
  }
}
