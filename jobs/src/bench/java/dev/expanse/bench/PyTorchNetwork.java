package dev.expanse.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A {@link Network} as a DJL block: one block an operation, run in the network's order. As in
 * Python, an output is let go when its last reader has run; autograd keeps what it needs.
 */
final class PyTorchNetwork extends AbstractBlock {
  /** The dimension of the channels. */
  private static final int CHANNELS = 1;

  private final Network network;
  private final Map<Network.Node, Block> blocks = new LinkedHashMap<>();

  PyTorchNetwork(Network network) {
    this.network = network;
    var layers = new Layers();
    for (var node : network.nodes()) {
      if (node != network.input()) {
        blocks.put(node, addChildBlock(node.name(), node.accept(layers)));
      }
    }
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... images) {
    var shapes = new HashMap<Network.Node, Shape>();
    shapes.put(network.input(), images[0]);
    blocks.forEach(
        (node, block) -> {
          var inputs = node.inputs().stream().map(shapes::get).toArray(Shape[]::new);
          block.initialize(manager, type, inputs);
          shapes.put(node, block.getOutputShapes(inputs)[0]);
        });
  }

  @Override
  public Shape[] getOutputShapes(Shape[] images) {
    return new Shape[] {new Shape(images[0].get(0), network.classes())};
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameters,
      NDList images,
      boolean training,
      PairList<String, Object> arguments) {
    var unread = new HashMap<Network.Node, Integer>();
    network.nodes().forEach(node -> unread.put(node, network.readers(node)));
    var outputs = new HashMap<Network.Node, NDList>();
    outputs.put(network.input(), images);
    blocks.forEach(
        (node, block) -> {
          var inputs = new NDList();
          node.inputs().forEach(input -> inputs.addAll(outputs.get(input)));
          outputs.put(node, block.forward(parameters, inputs, training, arguments));
          for (var input : node.inputs()) {
            if (unread.merge(input, -1, Integer::sum) == 0 && input != network.input()) {
              outputs.remove(input).close();
            }
          }
        });
    return outputs.get(network.output());
  }

  /**
   * Maps {@code [N, C, H, W]}, the first input, with each channel times its gate {@code [N, C]}.
   */
  private static NDList scaled(NDList inputs) {
    var gates = inputs.get(1);
    return new NDList(inputs.get(0).mul(gates.expandDims(2).expandDims(3)));
  }

  private static NDArray shuffled(NDArray x, int groups) {
    var shape = x.getShape();
    long each = shape.get(CHANNELS) / groups;
    return x.reshape(shape.get(0), groups, each, -1).swapAxes(1, 2).reshape(shape);
  }

  private static Shape square(int side) {
    return new Shape(side, side);
  }

  /** The block of each operation. */
  private static final class Layers implements Operation.Visitor<Block> {
    @Override
    public Block visit(Operation.Input operation, Network.Node node) {
      throw new IllegalArgumentException("Cannot compute the image");
    }

    @Override
    public Block visit(Operation.Convolution operation, Network.Node node) {
      return Conv2d.builder()
          .setKernelShape(square(operation.kernel()))
          .optStride(square(operation.stride()))
          .optPadding(square(operation.padding()))
          .optGroups(operation.groups())
          .optBias(operation.bias())
          .setFilters(operation.channels())
          .build();
    }

    @Override
    public Block visit(Operation.BatchNorm operation, Network.Node node) {
      return BatchNorm.builder()
          .optEpsilon((float) operation.epsilon())
          .optMomentum((float) operation.momentum())
          .build();
    }

    @Override
    public Block visit(Operation.Activation operation, Network.Node node) {
      return switch (operation.function()) {
        case RELU -> LambdaBlock.singleton(x -> x.getNDArrayInternal().relu(), "relu");
        case RELU6 -> LambdaBlock.singleton(x -> x.clip(0, 6), "relu6");
        case SIGMOID -> Activation.sigmoidBlock();
      };
    }

    @Override
    public Block visit(Operation.Add operation, Network.Node node) {
      return new LambdaBlock(inputs -> new NDList(inputs.get(0).add(inputs.get(1))), "add");
    }

    @Override
    public Block visit(Operation.Scale operation, Network.Node node) {
      return new LambdaBlock(PyTorchNetwork::scaled, "scale");
    }

    @Override
    public Block visit(ChannelOperation.Concat operation, Network.Node node) {
      return new LambdaBlock(
          inputs -> new NDList(NDArrays.concat(inputs, CHANNELS)), "concatenate");
    }

    @Override
    public Block visit(ChannelOperation.Slice operation, Network.Node node) {
      var channels = new NDIndex(":, {}:{}", operation.from(), operation.to());
      return LambdaBlock.singleton(x -> x.get(channels), "slice");
    }

    @Override
    public Block visit(ChannelOperation.Shuffle operation, Network.Node node) {
      return LambdaBlock.singleton(x -> shuffled(x, operation.groups()), "shuffle");
    }

    @Override
    public Block visit(Operation.MaxPool operation, Network.Node node) {
      var window = operation.window();
      return Pool.maxPool2dBlock(
          square(window.kernel()),
          square(window.stride()),
          square(window.padding()),
          window.ceiling());
    }

    @Override
    public Block visit(Operation.AveragePool operation, Network.Node node) {
      return Pool.avgPool2dBlock(square(operation.kernel()), square(operation.stride()));
    }

    @Override
    public Block visit(Operation.Flatten operation, Network.Node node) {
      return Blocks.batchFlattenBlock();
    }

    @Override
    public Block visit(Operation.GlobalAveragePool operation, Network.Node node) {
      return Pool.globalAvgPool2dBlock();
    }

    @Override
    public Block visit(Operation.Dropout operation, Network.Node node) {
      return Dropout.builder().optRate((float) operation.rate()).build();
    }

    @Override
    public Block visit(Operation.Dense operation, Network.Node node) {
      return Linear.builder().setUnits(operation.channels()).build();
    }
  }
}
