package dev.expanse.core.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Networks;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.GlobalAveragePool;
import dev.expanse.core.network.Weights;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;

class EngineTest {
  private static final int CLASSES = 4;
  private static final NetworkSpec SMALL =
      NetworkSpec.read(
          Settings.parse(
              """
              name = small, family = inverted-residual, resolution = 13, classes = 4
              table = [[1, 8, 1, 1, 3], [3, 8, 2, 2, 5]], stem = 8, head = 20, dropout = 0
              """,
              "small.conf"));

  @BeforeEach
  void oneThread() {
    NativeThreads.use(1);
  }

  @ParameterizedTest
  @CsvSource({
    "STOCK,  ONEDNN, mobilenet-v2",
    "ONEDNN, STOCK,  mobilenet-v2",
    "STOCK,  ONEDNN, ecnn",
    "ONEDNN, STOCK,  ecnn",
    "ONEDNN, ONEDNN, ecnn",
  })
  @DisplayName("What one engine trained gives the same outputs on the other, to 1e-4")
  void exchange(Engine from, Engine to, String name) {
    var spec = Networks.named(name).withClasses(CLASSES).withResolution(33);
    var network = spec.network();
    var trained = Dl4jModel.create(network, from, training(1));
    var data = new DataSet(images(8, 33), labels(8));
    for (int step = 0; step < 4; step++) {
      trained.fit(data);
    }
    var loaded = Dl4jModel.create(network, to, training(2));

    var weights = Dl4jModel.weights(network, trained);
    Dl4jModel.setWeights(network, loaded, weights);

    var expected = trained.output(data.getFeatures())[0];
    assertThat(expected.stdNumber().doubleValue()).isGreaterThan(0.01);
    assertClose(loaded.output(data.getFeatures())[0], expected, 1e-4);
    assertSame(network, Dl4jModel.weights(network, loaded), weights, 1e-6);
  }

  private static void assertSame(
      Network network, Weights actual, Weights expected, double tolerance) {
    for (var node : network.nodes()) {
      for (var parameter : Weights.sizes(node).keySet()) {
        assertClose(
            Nd4j.createFromArray(actual.get(node, parameter)),
            Nd4j.createFromArray(expected.get(node, parameter)),
            tolerance);
      }
    }
  }

  @Test
  @DisplayName("Depthwise weights with two outputs of an input travel in their order")
  void depthMultiplier() {
    var builder = Network.forImages(9);
    var depthwise =
        builder.convolution(
            "depthwise", new Convolution(6, 3, 1, 3), Activation.Function.RELU, builder.image());
    builder.add("fc", new Dense(CLASSES), builder.add("pool", new GlobalAveragePool(), depthwise));
    var network = builder.build();
    var stock = Dl4jModel.create(network, Engine.STOCK, training(1));
    var ours = Dl4jModel.create(network, Engine.ONEDNN, training(1));

    assertClose(ours.output(images(2, 9))[0], stock.output(images(2, 9))[0], 1e-5);
    assertSame(network, Dl4jModel.weights(network, stock), Dl4jModel.weights(network, ours), 1e-6);
  }

  @Test
  @DisplayName("Both engines take the same steps from one seed: momentum, decay, statistics")
  void sameSteps() {
    var network = SMALL.network();
    var decaying = new Dl4jModel.Training(new Nesterovs(0.05, 0.9), 0.3, 1, DataType.FLOAT);
    var stock = Dl4jModel.create(network, Engine.STOCK, decaying);
    var ours = Dl4jModel.create(network, Engine.ONEDNN, decaying);
    var data = new DataSet(images(16, 13), labels(16));

    for (int step = 0; step < 5; step++) {
      stock.fit(data);
      ours.fit(data);
      assertThat(ours.score()).as("step %d", step).isCloseTo(stock.score(), within(1e-3));
    }

    assertSame(network, Dl4jModel.weights(network, ours), Dl4jModel.weights(network, stock), 2e-3);
  }

  @Test
  @DisplayName(
      "Both engines take the same steps where a depthwise convolution is right before a dense one")
  void separable() {
    var builder = Network.forImages(13);
    var depthwise = builder.add("depthwise", new Convolution(3, 3, 1, 3), builder.image());
    var pointwise = builder.add("pointwise", new Convolution(8, 1, 1, 1), depthwise);
    var again = builder.add("again", new Convolution(8, 3, 1, 8), pointwise);
    var last = builder.add("last", new Convolution(6, 1, 1, 1), again);
    builder.add("fc", new Dense(CLASSES), builder.add("pool", new GlobalAveragePool(), last));
    var network = builder.build();
    var stock = Dl4jModel.create(network, Engine.STOCK, training(1));
    var ours = Dl4jModel.create(network, Engine.ONEDNN, training(1));
    var data = new DataSet(images(16, 13), labels(16));

    for (int step = 0; step < 3; step++) {
      stock.fit(data);
      ours.fit(data);
    }

    assertSame(network, Dl4jModel.weights(network, ours), Dl4jModel.weights(network, stock), 1e-4);
    var transposed = data.getFeatures().permute(3, 0, 1, 2).dup('c').permute(1, 2, 3, 0);
    assertClose(stock.output(transposed)[0], stock.output(data.getFeatures())[0], 1e-6);
  }

  @Test
  @DisplayName("Only weights decay: the penalty is the same on both kits")
  void weightDecay() {
    var network = SMALL.network();
    var decaying = new Dl4jModel.Training(new Nesterovs(0.05, 0.9), 0.3, 1, DataType.FLOAT);
    var stock = Dl4jModel.create(network, Engine.STOCK, decaying);
    var ours = Dl4jModel.create(network, Engine.ONEDNN, decaying);
    var weights = Dl4jModel.weights(network, stock);
    Dl4jModel.setWeights(network, ours, weights);

    double squares = 0;
    for (var node : network.nodes()) {
      if (Weights.sizes(node).containsKey(Weights.Parameter.WEIGHT)) {
        for (float w : weights.get(node, Weights.Parameter.WEIGHT)) {
          squares += (double) w * w;
        }
      }
    }
    double expected = 0.3 * squares / 2;
    assertThat(penalty(ours)).isCloseTo(expected, within(1e-4 * expected));
    assertThat(penalty(stock)).isCloseTo(expected, within(1e-4 * expected));
  }

  private static double penalty(ComputationGraph graph) {
    double sum = 0;
    for (var layer : graph.getLayers()) {
      sum += layer.calcRegularizationScore(true);
    }
    return sum;
  }

  @Test
  @DisplayName("The gradient predicts how the loss changes along a direction, to 1%")
  void directionalDerivative() {
    var network = SMALL.network();
    var graph = Dl4jModel.create(network, Engine.ONEDNN, training(3));
    var data = new DataSet(images(16, 13), labels(16));
    graph.setInputs(data.getFeatures());
    graph.setLabels(data.getLabels());
    graph.computeGradientAndScore();
    var gradient = graph.gradient().gradient().dup().divi(16);
    // of the gradient's size, so that what is measured stands out of float's rounding
    double size = gradient.norm2Number().doubleValue();
    var random = Nd4j.randn(DataType.FLOAT, graph.params().shape());
    var direction = gradient.add(random.muli(size / random.norm2Number().doubleValue()));
    mask(graph, direction);
    var start = graph.params().dup();

    double step = 2e-3 / size;
    double forward = lossAt(graph, start.add(direction.mul(step)));
    double backward = lossAt(graph, start.sub(direction.mul(step)));

    double expected = gradient.mul(direction).sumNumber().doubleValue();
    assertThat((forward - backward) / (2 * step)).isCloseTo(expected, within(0.01 * expected));
  }

  /** Running statistics are parameters to DL4J, but no loss in training depends on them. */
  private static void mask(ComputationGraph graph, INDArray direction) {
    long at = 0;
    for (var entry : graph.paramTable().entrySet()) {
      long length = entry.getValue().length();
      if (entry.getKey().endsWith("_mean") || entry.getKey().endsWith("_var")) {
        for (long i = at; i < at + length; i++) {
          direction.putScalar(i, 0);
        }
      }
      at += length;
    }
  }

  private static double lossAt(ComputationGraph graph, INDArray parameters) {
    graph.setParams(parameters);
    graph.computeGradientAndScore();
    return graph.score();
  }

  @Test
  @DisplayName("A grouped convolution, which stock layers lack, trains")
  void grouped() {
    var builder = Network.forImages(9);
    var stem =
        builder.convolution(
            "stem", new Convolution(8, 3, 1, 1), Activation.Function.RELU, builder.image());
    var grouped =
        builder.convolution("g", new Convolution(16, 3, 2, 4), Activation.Function.RELU6, stem);
    builder.add("fc", new Dense(CLASSES), builder.add("pool", new GlobalAveragePool(), grouped));
    var graph = Dl4jModel.create(builder.build(), Engine.ONEDNN, training(1));
    var data = new DataSet(images(16, 9), labels(16));
    double before = graph.score(data);

    for (int step = 0; step < 60; step++) {
      graph.fit(data);
    }

    assertThat(graph.score(data)).isLessThan(before / 2);
  }

  @Test
  @DisplayName("Double precision, which oneDNN lacks, is refused when the graph is made")
  void precision() {
    var training = new Dl4jModel.Training(new Nesterovs(0.1, 0.9), 0, 1, DataType.DOUBLE);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Dl4jModel.create(SMALL.network(), Engine.ONEDNN, training))
        .withMessage("Cannot train in DOUBLE on oneDNN: expected FLOAT");
  }

  private static Dl4jModel.Training training(long seed) {
    return new Dl4jModel.Training(new Nesterovs(0.05, 0.9), 1e-3, seed, DataType.FLOAT);
  }

  private static INDArray images(int count, int side) {
    Nd4j.getRandom().setSeed(5);
    return Nd4j.randn(DataType.FLOAT, count, side, side, 3);
  }

  private static INDArray labels(int count) {
    var labels = Nd4j.zeros(DataType.FLOAT, count, CLASSES);
    for (int i = 0; i < count; i++) {
      labels.putScalar(i, i % CLASSES, 1);
    }
    return labels;
  }

  private static void assertClose(INDArray actual, INDArray expected, double tolerance) {
    double scale = Math.max(1e-3, expected.amaxNumber().doubleValue()); // a mean may be next to 0
    assertThat(actual.sub(expected).amaxNumber().doubleValue())
        .isLessThanOrEqualTo(tolerance * scale);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("A classifier answers full and smaller queries as the graph does, and no others")
  void classifier(Engine engine) {
    var network = SMALL.network();
    var graph = Dl4jModel.create(network, Engine.STOCK, training(1));
    var weights = Dl4jModel.weights(network, graph);
    try (var classifier = engine.classifier(network, weights, 4, 1, Choice.REPEATABLE)) {
      for (int count : new int[] {4, 1, 3}) {
        var images = images(count, 13);
        assertClose(classifier.probabilities(images), graph.output(images)[0], 1e-4);
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> classifier.probabilities(images(3, 14)))
          .withMessage("Cannot classify images of [3, 14, 14, 3]: expected [3, 13, 13, 3]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> classifier.probabilities(images(5, 13)))
          .withMessage("Cannot classify images of [5, 13, 13, 3]: expected [4, 13, 13, 3]");
    }
  }
}
