package dev.expanse.core.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.expanse.core.network.Operation.Activation.Function;
import dev.expanse.core.network.Operation.BatchNorm;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.onednn.Team;
import dev.expanse.core.onednn.UnitShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

class FusedConvolutionTest {
  private static final double TOLERANCE = 1e-4;

  /** Every case on one thread, on two, and on more than some have images for. */
  static Stream<Arguments> casesOnTeams() {
    return cases().flatMap(c -> Stream.of(1, 2, 3).map(threads -> Arguments.of(c, threads)));
  }

  static Stream<UnitShape> cases() {
    return Stream.of(
        shape(4, 8, 8, 16, 32, 1, 1, 1, Function.RELU6), // pointwise
        shape(2, 7, 5, 13, 9, 1, 1, 1, Function.RELU), // channels of no multiple of 16
        shape(3, 9, 9, 24, 24, 1, 2, 1, null), // pointwise, stride 2 on odd sizes
        shape(5, 1, 1, 20, 30, 1, 1, 1, Function.RELU6), // a vector for an image
        shape(2, 11, 11, 3, 32, 3, 2, 1, Function.RELU6), // a stem
        shape(1, 10, 10, 7, 5, 3, 1, 1, null),
        shape(2, 9, 13, 6, 10, 5, 2, 1, Function.RELU),
        shape(2, 12, 12, 3, 8, 7, 2, 1, Function.RELU),
        shape(4, 8, 8, 32, 32, 3, 1, 32, Function.RELU6), // depthwise
        shape(2, 9, 9, 20, 20, 3, 2, 20, Function.RELU6), // depthwise, stride 2 on odd sizes
        shape(2, 7, 7, 24, 24, 5, 1, 24, Function.RELU),
        shape(1, 15, 15, 16, 16, 7, 2, 16, null),
        shape(4, 2, 2, 32, 32, 3, 1, 32, Function.RELU6), // depthwise on maps below its kernel
        shape(3, 1, 1, 20, 20, 3, 1, 20, null),
        shape(2, 2, 3, 24, 24, 3, 2, 24, Function.RELU),
        shape(3, 4, 3, 16, 16, 5, 1, 16, Function.RELU),
        shape(3, 4, 4, 5, 10, 3, 1, 5, Function.RELU6), // two outputs of each input
        shape(2, 8, 8, 16, 32, 3, 1, 4, Function.RELU), // grouped
        shape(2, 9, 7, 12, 6, 1, 1, 3, null),
        shape(1, 224 / 8, 224 / 8, 96, 24, 1, 1, 1, null),
        padded(2, 9, 3, 8, 3, 2, 0), // without padding, as Xception's stem
        padded(2, 8, 4, 6, 2, 2, 1)); // an even kernel
  }

  private static UnitShape shape(
      int batch,
      int height,
      int width,
      int inputs,
      int outputs,
      int kernel,
      int stride,
      int groups,
      Function function) {
    var activation = Optional.ofNullable(function);
    int padding = (kernel - 1) / 2;
    return new UnitShape(
        batch,
        height,
        width,
        inputs,
        outputs,
        kernel,
        stride,
        groups,
        padding,
        false,
        activation,
        1e-5f);
  }

  private static UnitShape padded(
      int batch, int side, int inputs, int outputs, int kernel, int stride, int padding) {
    return new UnitShape(
        batch,
        side,
        side,
        inputs,
        outputs,
        kernel,
        stride,
        1,
        padding,
        false,
        Optional.of(Function.RELU),
        1e-5f);
  }

  @BeforeEach
  void oneThread() {
    NativeThreads.use(1);
    Team.use(1);
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("casesOnTeams")
  @DisplayName("Forward and backward agree with Deeplearning4j's layers in double precision")
  void agreesWithStockLayers(UnitShape c, int threads) {
    Team.use(threads);
    Nd4j.getRandom().setSeed(7);
    var x = Nd4j.randn(DataType.DOUBLE, c.batch(), c.height(), c.width(), c.inputs());
    var ours = layer(ours(c), DataType.FLOAT);
    var stock = stock(c, ours);

    var y = ours.activate(x.castTo(DataType.FLOAT), true, none());
    var expected = x;
    for (var layer : stock) {
      expected = layer.activate(expected, true, none());
    }
    assertClose("output in training", y, expected);

    var dy = Nd4j.randn(DataType.DOUBLE, expected.shape());
    var gradients = ours.backpropGradient(dy.castTo(DataType.FLOAT), none());
    var epsilon = dy;
    var theirs = new HashMap<String, INDArray>();
    for (int i = stock.size() - 1; i >= 0; i--) {
      var pair = stock.get(i).backpropGradient(epsilon, none());
      theirs.putAll(pair.getFirst().gradientForVariable());
      epsilon = pair.getSecond();
    }
    assertClose("gradient of the input", gradients.getSecond(), epsilon);
    var mine = gradients.getFirst().gradientForVariable();
    assertClose("gradient of the weights", mine.get("W"), weightGradient(c, theirs.get("W")));
    assertClose("gradient of gamma", mine.get("gamma"), theirs.get("gamma"));
    assertClose("gradient of beta", mine.get("beta"), theirs.get("beta"));
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("casesOnTeams")
  @DisplayName("Inference by the running statistics agrees with Deeplearning4j's layers")
  void infersAsStockLayers(UnitShape c, int threads) {
    Team.use(threads);
    Nd4j.getRandom().setSeed(8);
    var x = Nd4j.randn(DataType.DOUBLE, c.batch(), c.height(), c.width(), c.inputs());
    var ours = layer(ours(c), DataType.FLOAT);
    ours.getParam("mean").assign(Nd4j.randn(1, c.outputs()));
    ours.getParam("var").assign(Nd4j.rand(1, c.outputs()).addi(0.1));
    var expected = x;
    for (var layer : stock(c, ours)) {
      expected = layer.activate(expected, false, none());
    }

    assertClose("output", ours.activate(x.castTo(DataType.FLOAT), false, none()), expected);
  }

  @Test
  @DisplayName("A step moves the running statistics as torchvision's momentum says")
  void runningStatistics() {
    var c = shape(2, 5, 5, 3, 4, 1, 1, 1, null);
    var layer = layer(ours(c), DataType.FLOAT);
    layer
        .getParam("W")
        .assign(
            Nd4j.eye(4).get(NDArrayIndex.all(), NDArrayIndex.interval(0, 3)).reshape(4, 3, 1, 1));
    var x = Nd4j.randn(DataType.FLOAT, 2, 5, 5, 3).addi(2);

    layer.activate(x, true, none());
    var gradients = layer.backpropGradient(Nd4j.ones(2, 5, 5, 4), none()).getFirst();

    var first = NDArrayIndex.interval(0, 3);
    var row = NDArrayIndex.interval(0, 1);
    assertClose(
        "mean", layer.getParam("mean").get(row, first), x.mean(0, 1, 2).mul(0.1).reshape(1, 3));
    assertClose(
        "variance",
        layer.getParam("var").get(row, first),
        x.var(false, 0, 1, 2).mul(0.1).add(0.9).reshape(1, 3));
    assertThat(gradients.getGradientFor("mean")).isEqualTo(Nd4j.zeros(1, 4));
    assertThat(gradients.getGradientFor("var")).isEqualTo(Nd4j.zeros(1, 4));
  }

  @Test
  @DisplayName("Views and other orders, as pooling sends them back, are taken as what they mean")
  void views() {
    var c = shape(2, 6, 6, 5, 7, 3, 1, 1, Function.RELU6);
    var x = Nd4j.randn(DataType.FLOAT, 2, 6, 6, 5);
    var dy = Nd4j.randn(DataType.FLOAT, 2, 1, 1, 7);
    var plain = layer(ours(c), DataType.FLOAT);
    var viewed = layer(ours(c), DataType.FLOAT);
    plain.paramTable().forEach((name, value) -> viewed.getParam(name).assign(value));

    var y = plain.activate(x, true, none());
    var dx = plain.backpropGradient(dy.broadcast(2, 6, 6, 7).dup('c'), none()).getSecond();

    var columnsFirst = x.permute(0, 2, 1, 3).dup('c').permute(0, 2, 1, 3);
    assertThat(viewed.activate(columnsFirst, true, none())).isEqualTo(y);
    assertThat(viewed.activate(x.dup('f'), true, none())).isEqualTo(y);
    var broadcast = dy.broadcast(Nd4j.create(DataType.FLOAT, new long[] {2, 6, 6, 7}, 'f'));
    assertThat(viewed.backpropGradient(broadcast, none()).getSecond()).isEqualTo(dx);
  }

  @Test
  @DisplayName("A wrong input is refused in one sentence, before native code sees it")
  void wrongInputs() {
    var layer = layer(ours(shape(2, 6, 6, 5, 7, 3, 1, 1, null)), DataType.FLOAT);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> layer.activate(Nd4j.rand(2, 6, 6, 4), true, none()))
        .withMessageContaining("input of FLOAT [2, 6, 6, 4]")
        .withMessageContaining("expected FLOAT [2, 6, 6, 5]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layer.activate(Nd4j.rand(DataType.DOUBLE, 2, 6, 6, 5), true, none()))
        .withMessageContaining("input of DOUBLE");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layer.activate(Nd4j.rand(2, 30), true, none()))
        .withMessageContaining("[N, H, W, 5], not of rank 2");
    layer.clear();
    assertThatIllegalStateException()
        .isThrownBy(() -> layer.backpropGradient(Nd4j.rand(2, 6, 6, 7), none()))
        .withMessageContaining("before going forward");
    layer.activate(Nd4j.rand(2, 6, 6, 5), true, none());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layer.backpropGradient(Nd4j.rand(2, 6, 5, 7), none()))
        .withMessageContaining("output's gradient of FLOAT [2, 6, 5, 7]");
  }

  private static LayerWorkspaceMgr none() {
    return LayerWorkspaceMgr.noWorkspaces();
  }

  private static FusedConvolution ours(UnitShape c) {
    return new FusedConvolution(
        new Convolution(c.outputs(), c.kernel(), c.stride(), c.groups(), c.padding(), c.bias()),
        c.inputs(),
        new BatchNorm(),
        c.activation(),
        true);
  }

  /** A layer by itself, with random gamma and beta where it has them. */
  private static Layer layer(org.deeplearning4j.nn.conf.layers.Layer layer, DataType type) {
    var conf = new NeuralNetConfiguration.Builder().dataType(type).layer(layer).build();
    conf.getLayer().setLayerName("layer");
    long count = conf.getLayer().initializer().numParams(conf);
    var parameters = count == 0 ? null : Nd4j.create(type, 1, count);
    var made = conf.getLayer().instantiate(conf, List.of(), 0, parameters, true, type);
    if (count > 0) {
      made.setBackpropGradientsViewArray(Nd4j.create(type, 1, count));
    }
    if (conf.getLayer() instanceof FusedConvolution) {
      made.getParam("gamma").assign(Nd4j.rand(type, made.getParam("gamma").shape()).addi(0.5));
      made.getParam("beta").assign(Nd4j.randn(type, made.getParam("beta").shape()));
    }
    return made;
  }

  /** Convolution, batch norm and activation with the parameters of ours. */
  private static List<Layer> stock(UnitShape c, Layer ours) {
    var layers = new ArrayList<Layer>();
    var convolution = layer(isDepthwise(c) ? depthwise(c) : dense(c), DataType.DOUBLE);
    var w = ours.getParam("W").castTo(DataType.DOUBLE);
    convolution.getParam("W").assign(isDepthwise(c) ? asDepthwise(c, w) : asDense(c, w));
    layers.add(convolution);
    var norm =
        layer(
            new BatchNormalization.Builder()
                .nIn(c.outputs())
                .nOut(c.outputs())
                .eps(1e-5)
                .dataFormat(CNN2DFormat.NHWC)
                .build(),
            DataType.DOUBLE);
    for (var name : List.of("gamma", "beta", "mean")) {
      norm.getParam(name).assign(ours.getParam(name).castTo(DataType.DOUBLE));
    }
    var variance = ours.getParam("var").castTo(DataType.DOUBLE);
    norm.getParam("log10stdev").assign(Transforms.log(variance).div(2 * Math.log(10)));
    layers.add(norm);
    if (c.activation().isPresent()) {
      var activation = c.activation().get() == Function.RELU6 ? Activation.RELU6 : Activation.RELU;
      layers.add(
          layer(new ActivationLayer.Builder().activation(activation).build(), DataType.DOUBLE));
    }
    return layers;
  }

  private static boolean isDepthwise(UnitShape c) {
    return c.groups() == c.inputs() && c.groups() > 1;
  }

  private static ConvolutionLayer dense(UnitShape c) {
    int padding = c.padding();
    return new ConvolutionLayer.Builder(c.kernel(), c.kernel())
        .nIn(c.inputs())
        .nOut(c.outputs())
        .stride(c.stride(), c.stride())
        .padding(padding, padding)
        .convolutionMode(ConvolutionMode.Truncate)
        .dataFormat(CNN2DFormat.NHWC)
        .hasBias(false)
        .activation(Activation.IDENTITY)
        .build();
  }

  private static DepthwiseConvolution2D depthwise(UnitShape c) {
    int padding = c.padding();
    return new DepthwiseConvolution2D.Builder(c.kernel(), c.kernel())
        .depthMultiplier(c.outputs() / c.inputs())
        .nIn(c.inputs())
        .nOut(c.outputs())
        .stride(c.stride(), c.stride())
        .padding(padding, padding)
        .convolutionMode(ConvolutionMode.Truncate)
        .dataFormat(CNN2DFormat.NHWC)
        .hasBias(false)
        .activation(Activation.IDENTITY)
        .build();
  }

  /** {@code [O, 1, k, k]} as {@code [k, k, I, O / I]}. */
  private static INDArray asDepthwise(UnitShape c, INDArray w) {
    return w.reshape('c', c.inputs(), c.outputs() / c.inputs(), c.kernel(), c.kernel())
        .permute(2, 3, 0, 1);
  }

  /** Grouped weights as dense ones, with zeros between the groups. */
  private static INDArray asDense(UnitShape c, INDArray w) {
    var dense = Nd4j.zeros(DataType.DOUBLE, c.outputs(), c.inputs(), c.kernel(), c.kernel());
    for (int group = 0; group < c.groups(); group++) {
      block(c, dense, group).assign(w.get(outputs(c, group)));
    }
    return dense;
  }

  private static INDArray block(UnitShape c, INDArray dense, int group) {
    int inputs = c.inputs() / c.groups();
    return dense.get(
        outputs(c, group), NDArrayIndex.interval(group * inputs, (group + 1) * inputs));
  }

  private static INDArrayIndex outputs(UnitShape c, int group) {
    int outputs = c.outputs() / c.groups();
    return NDArrayIndex.interval(group * outputs, (group + 1) * outputs);
  }

  /** The stock layer's gradient in the shape of ours. */
  private static INDArray weightGradient(UnitShape c, INDArray gradient) {
    long[] shape = {c.outputs(), c.inputs() / c.groups(), c.kernel(), c.kernel()};
    if (isDepthwise(c)) {
      return gradient.permute(2, 3, 0, 1).dup('c').reshape('c', shape);
    }
    var blocks = Nd4j.create(DataType.DOUBLE, shape);
    for (int group = 0; group < c.groups(); group++) {
      blocks.get(outputs(c, group)).assign(block(c, gradient, group));
    }
    return blocks;
  }

  private static void assertClose(String what, INDArray actual, INDArray expected) {
    assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
    double scale = expected.amaxNumber().doubleValue();
    double difference =
        actual
            .castTo(DataType.DOUBLE)
            .sub(expected.castTo(DataType.DOUBLE))
            .amaxNumber()
            .doubleValue();
    assertThat(difference).as(what).isLessThanOrEqualTo(TOLERANCE * scale);
  }
}
