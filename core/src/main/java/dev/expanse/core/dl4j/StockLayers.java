package dev.expanse.core.dl4j;

import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Window;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * Deeplearning4j's own layers, one an operation, named as the operation is, and vertices of ours
 * for what it lacks in channels-last order.
 */
final class StockLayers implements Operation.Visitor<Void> {
  private static final CNN2DFormat FORMAT = CNN2DFormat.NHWC;
  private static final int[] SPATIAL_DIMENSIONS = {1, 2};

  private final GraphBuilder graph;
  private final Network network;

  StockLayers(GraphBuilder graph, Network network) {
    this.graph = graph;
    this.network = network;
  }

  /** What a network needs that there is not, if anything. */
  static Optional<String> unsupported(Network network) {
    return network.nodes().stream()
        .filter(node -> node.operation() instanceof Operation.Convolution)
        .flatMap(node -> unsupported((Operation.Convolution) node.operation(), node).stream())
        .findFirst();
  }

  private static Optional<String> unsupported(Operation.Convolution operation, Network.Node node) {
    int inputs = node.onlyInput().shape().channels();
    return operation.groups() == 1 || operation.groups() == inputs
        ? Optional.empty()
        : Optional.of(
            String.format(
                "a layer for the convolution '%s', whose %d groups of %d channels are neither dense nor"
                    + " depthwise",
                node.name(), operation.groups(), inputs));
  }

  void add() {
    network.nodes().forEach(node -> node.accept(this));
  }

  @Override
  public Void visit(Operation.Input operation, Network.Node node) {
    return null;
  }

  @Override
  public Void visit(Operation.Convolution operation, Network.Node node) {
    unsupported(operation, node)
        .ifPresent(
            reason -> {
              throw new IllegalArgumentException("Cannot do without " + reason);
            });
    int inputs = node.onlyInput().shape().channels();
    return operation.groups() == 1
        ? layer(node, dense(operation, inputs))
        : layer(node, depthwise(operation, inputs));
  }

  private static ConvolutionLayer dense(Operation.Convolution operation, int inputs) {
    int kernel = operation.kernel();
    return new ConvolutionLayer.Builder(kernel, kernel)
        .nIn(inputs)
        .nOut(operation.channels())
        .stride(operation.stride(), operation.stride())
        .padding(operation.padding(), operation.padding())
        .convolutionMode(ConvolutionMode.Truncate)
        .dataFormat(FORMAT)
        .hasBias(operation.bias())
        .activation(Activation.IDENTITY)
        .build();
  }

  private static DepthwiseConvolution2D depthwise(Operation.Convolution operation, int inputs) {
    int kernel = operation.kernel();
    return new RowMajorDepthwise(
        new DepthwiseConvolution2D.Builder(kernel, kernel)
            .depthMultiplier(operation.channels() / inputs)
            .nIn(inputs)
            .nOut(operation.channels())
            .stride(operation.stride(), operation.stride())
            .padding(operation.padding(), operation.padding())
            .convolutionMode(ConvolutionMode.Truncate)
            .dataFormat(FORMAT)
            .hasBias(operation.bias())
            .activation(Activation.IDENTITY));
  }

  @Override
  public Void visit(Operation.BatchNorm operation, Network.Node node) {
    // useLogStd stays at its default: another value is lost on the way to Spark's executors
    int channels = node.shape().channels();
    return layer(
        node,
        new BatchNormalization.Builder()
            .nIn(channels)
            .nOut(channels)
            .eps(operation.epsilon())
            .decay(operation.momentum())
            .dataFormat(FORMAT)
            .build());
  }

  @Override
  public Void visit(Operation.Activation operation, Network.Node node) {
    var activation =
        switch (operation.function()) {
          case RELU -> Activation.RELU;
          case RELU6 -> Activation.RELU6;
          case SIGMOID -> Activation.SIGMOID;
        };
    return layer(node, new ActivationLayer.Builder().activation(activation).build());
  }

  @Override
  public Void visit(Operation.Add operation, Network.Node node) {
    graph.addVertex(node.name(), new ElementWiseVertex(ElementWiseVertex.Op.Add), inputs(node));
    return null;
  }

  @Override
  public Void visit(Operation.Scale operation, Network.Node node) {
    return vertex(node, new ChannelScale(MapKernels.ND4J));
  }

  @Override
  public Void visit(ChannelOperation.Concat operation, Network.Node node) {
    return vertex(node, new ChannelConcat(MapKernels.ND4J));
  }

  @Override
  public Void visit(ChannelOperation.Slice operation, Network.Node node) {
    return vertex(node, new ChannelSlice(operation.from(), operation.to(), MapKernels.ND4J));
  }

  @Override
  public Void visit(ChannelOperation.Shuffle operation, Network.Node node) {
    return vertex(node, new ChannelShuffle(operation.groups(), MapKernels.ND4J));
  }

  @Override
  public Void visit(Operation.MaxPool operation, Network.Node node) {
    var window = operation.window();
    var input = node.onlyInput();
    int rows = window.paddingAtEnd(input.shape().height()) - window.padding();
    int columns = window.paddingAtEnd(input.shape().width()) - window.padding();
    var source = input.name();
    if (rows > 0 || columns > 0) { // windows that stand out further than Deeplearning4j's do
      source = node.name() + ".padding";
      var padding = new EndPadding(Math.max(0, rows), Math.max(0, columns));
      graph.addVertex(source, new ComputedVertex(padding), input.name());
    }
    graph.addLayer(node.name(), pool(PoolingType.MAX, window), source);
    return null;
  }

  @Override
  public Void visit(Operation.AveragePool operation, Network.Node node) {
    return layer(node, pool(PoolingType.AVG, operation.window()));
  }

  private static SubsamplingLayer pool(PoolingType type, Window window) {
    return new SubsamplingLayer.Builder(type)
        .kernelSize(window.kernel(), window.kernel())
        .stride(window.stride(), window.stride())
        .padding(window.padding(), window.padding())
        .convolutionMode(ConvolutionMode.Truncate)
        .dataFormat(FORMAT)
        .build();
  }

  @Override
  public Void visit(Operation.Flatten operation, Network.Node node) {
    return vertex(node, new Flattening());
  }

  @Override
  public Void visit(Operation.GlobalAveragePool operation, Network.Node node) {
    return layer(
        node,
        new GlobalPoolingLayer.Builder(PoolingType.AVG)
            .poolingDimensions(SPATIAL_DIMENSIONS)
            .build());
  }

  @Override
  public Void visit(Operation.Dropout operation, Network.Node node) {
    // DL4J counts what is kept, not what is dropped
    return layer(node, new DropoutLayer.Builder(1 - operation.rate()).build());
  }

  @Override
  public Void visit(Operation.Dense operation, Network.Node node) {
    int inputs = node.onlyInput().shape().channels();
    int outputs = operation.channels();
    var loss = loss(node);
    return layer(
        node, loss.isPresent() ? classifier(loss.get(), inputs, outputs) : hidden(inputs, outputs));
  }

  private static OutputLayer classifier(ILossFunction loss, int inputs, int outputs) {
    return new OutputLayer.Builder(loss)
        .nIn(inputs)
        .nOut(outputs)
        .activation(Activation.SOFTMAX)
        .build();
  }

  private static DenseLayer hidden(int inputs, int outputs) {
    return new DenseLayer.Builder()
        .nIn(inputs)
        .nOut(outputs)
        .activation(Activation.IDENTITY)
        .build();
  }

  /** What is learned from the logits that a node gives; empty where it gives none. */
  private Optional<ILossFunction> loss(Network.Node node) {
    return node == network.output()
        ? Optional.of(new LossMCXENT())
        : network.auxiliaries().stream()
            .filter(auxiliary -> auxiliary.logits() == node)
            .findFirst()
            .map(auxiliary -> new AuxiliaryLoss(auxiliary.weight()));
  }

  private Void vertex(Network.Node node, VertexOperation operation) {
    graph.addVertex(node.name(), new ComputedVertex(operation), inputs(node));
    return null;
  }

  private Void layer(Network.Node node, org.deeplearning4j.nn.conf.layers.Layer layer) {
    graph.addLayer(node.name(), layer, inputs(node));
    return null;
  }

  static String[] inputs(Network.Node node) {
    return node.inputs().stream().map(Network.Node::name).toArray(String[]::new);
  }
}
