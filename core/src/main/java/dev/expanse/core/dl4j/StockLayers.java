package dev.expanse.core.dl4j;

import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Deeplearning4j's own layers, one an operation, named as the operation is. */
final class StockLayers implements Operation.Visitor<Void> {
  private static final CNN2DFormat FORMAT = CNN2DFormat.NHWC;
  private static final int[] SPATIAL_DIMENSIONS = {1, 2};

  private final GraphBuilder graph;

  StockLayers(GraphBuilder graph) {
    this.graph = graph;
  }

  void add(Network network) {
    network.nodes().forEach(node -> node.accept(this));
  }

  @Override
  public Void visit(Operation.Input operation, Network.Node node) {
    return null;
  }

  @Override
  public Void visit(Operation.Convolution operation, Network.Node node) {
    int inputs = node.onlyInput().shape().channels();
    if (operation.groups() == 1) {
      return layer(node, dense(operation, inputs));
    }
    if (operation.groups() == inputs) {
      return layer(node, depthwise(operation, inputs));
    }
    throw new IllegalArgumentException(
        String.format(
            "Cannot train '%s' on stock layers: %d groups of %d channels are neither dense nor"
                + " depthwise",
            node.name(), operation.groups(), inputs));
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
        .hasBias(false)
        .activation(Activation.IDENTITY)
        .build();
  }

  private static DepthwiseConvolution2D depthwise(Operation.Convolution operation, int inputs) {
    int kernel = operation.kernel();
    return new DepthwiseConvolution2D.Builder(kernel, kernel)
        .depthMultiplier(operation.channels() / inputs)
        .nIn(inputs)
        .nOut(operation.channels())
        .stride(operation.stride(), operation.stride())
        .padding(operation.padding(), operation.padding())
        .convolutionMode(ConvolutionMode.Truncate)
        .dataFormat(FORMAT)
        .hasBias(false)
        .activation(Activation.IDENTITY)
        .build();
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
    throw new IllegalArgumentException("Cannot train " + node);
  }

  @Override
  public Void visit(ChannelOperation.Concat operation, Network.Node node) {
    throw new IllegalArgumentException("Cannot train " + node);
  }

  @Override
  public Void visit(ChannelOperation.Slice operation, Network.Node node) {
    throw new IllegalArgumentException("Cannot train " + node);
  }

  @Override
  public Void visit(ChannelOperation.Shuffle operation, Network.Node node) {
    throw new IllegalArgumentException("Cannot train " + node);
  }

  @Override
  public Void visit(Operation.MaxPool operation, Network.Node node) {
    throw new IllegalArgumentException("Cannot train " + node);
  }

  @Override
  public Void visit(Operation.AveragePool operation, Network.Node node) {
    throw new IllegalArgumentException("Cannot train " + node);
  }

  @Override
  public Void visit(Operation.Flatten operation, Network.Node node) {
    throw new IllegalArgumentException("Cannot train " + node);
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
    return layer(
        node,
        new OutputLayer.Builder(LossFunction.MCXENT)
            .nIn(node.onlyInput().shape().channels())
            .nOut(operation.channels())
            .activation(Activation.SOFTMAX)
            .build());
  }

  private Void layer(Network.Node node, org.deeplearning4j.nn.conf.layers.Layer layer) {
    graph.addLayer(node.name(), layer, inputs(node));
    return null;
  }

  private static String[] inputs(Network.Node node) {
    return node.inputs().stream().map(Network.Node::name).toArray(String[]::new);
  }
}
