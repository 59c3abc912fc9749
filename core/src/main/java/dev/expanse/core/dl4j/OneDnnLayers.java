package dev.expanse.core.dl4j;

import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.layers.Layer;

/**
 * Layers and vertices on oneDNN for whatever reads or writes feature maps, each named as the last
 * operation that it does; Deeplearning4j's own layers for what costs next to nothing. An activation
 * belongs to what it alone reads, a norm to the convolution without bias that it alone reads.
 */
final class OneDnnLayers implements Operation.Visitor<Void> {
  private final GraphBuilder graph;
  private final Network network;
  private final StockLayers others;
  private final Map<Network.Node, List<Network.Node>> readers;
  private final Set<Network.Node> done = new HashSet<>();

  OneDnnLayers(GraphBuilder graph, Network network) {
    this.graph = graph;
    this.network = network;
    this.others = new StockLayers(graph, network);
    this.readers = network.readers();
  }

  void add() {
    for (var node : network.nodes()) {
      if (!done.contains(node)) {
        node.accept(this);
      }
    }
  }

  /** The only reader of a node, if that is an operation of such a kind. */
  private Optional<Network.Node> onlyReader(
      Network.Node node, Class<? extends Operation> operation) {
    var all = readers.getOrDefault(node, List.of());
    return all.size() == 1 && operation.isInstance(all.get(0).operation())
        ? Optional.of(all.get(0))
        : Optional.empty();
  }

  @Override
  public Void visit(Operation.Input operation, Network.Node node) {
    return null;
  }

  @Override
  public Void visit(Operation.Convolution operation, Network.Node node) {
    var input = node.onlyInput();
    int channels = input.shape().channels();
    boolean inputGradient = !(input.operation() instanceof Operation.Input);
    var norm =
        operation.bias()
            ? Optional.<Network.Node>empty()
            : onlyReader(node, Operation.BatchNorm.class);
    var last = norm.orElse(node);
    var activation = onlyReader(last, Operation.Activation.class);
    var function = activation.map(OneDnnLayers::function);
    Layer layer =
        norm.isPresent()
            ? new FusedConvolution(
                operation,
                channels,
                (Operation.BatchNorm) norm.get().operation(),
                function,
                inputGradient)
            : new BareConvolution(operation, channels, function, inputGradient);
    norm.ifPresent(done::add);
    return layer(layer, input, activation.orElse(last));
  }

  @Override
  public Void visit(Operation.BatchNorm operation, Network.Node node) {
    var activation = onlyReader(node, Operation.Activation.class);
    int channels = node.shape().channels();
    var layer = new FusedNorm(channels, operation, activation.map(OneDnnLayers::function));
    return layer(layer, node.onlyInput(), activation.orElse(node));
  }

  private static Operation.Activation.Function function(Network.Node activation) {
    return ((Operation.Activation) activation.operation()).function();
  }

  private Void layer(Layer layer, Network.Node input, Network.Node last) {
    graph.addLayer(last.name(), layer, input.name());
    done.add(last);
    return null;
  }

  @Override
  public Void visit(Operation.Activation operation, Network.Node node) {
    return vertex(new OneDnnActivation(operation.function()), node, node);
  }

  @Override
  public Void visit(Operation.Add operation, Network.Node node) {
    var activation = onlyReader(node, Operation.Activation.class);
    var sum = new OneDnnSum(activation.map(OneDnnLayers::function).orElse(null));
    return vertex(sum, node, activation.orElse(node));
  }

  @Override
  public Void visit(Operation.Scale operation, Network.Node node) {
    return vertex(new ChannelScale(MapKernels.ONEDNN), node, node);
  }

  @Override
  public Void visit(ChannelOperation.Concat operation, Network.Node node) {
    return vertex(new ChannelConcat(MapKernels.ONEDNN), node, node);
  }

  @Override
  public Void visit(ChannelOperation.Slice operation, Network.Node node) {
    var slice = new ChannelSlice(operation.from(), operation.to(), MapKernels.ONEDNN);
    return vertex(slice, node, node);
  }

  @Override
  public Void visit(ChannelOperation.Shuffle operation, Network.Node node) {
    return vertex(new ChannelShuffle(operation.groups(), MapKernels.ONEDNN), node, node);
  }

  @Override
  public Void visit(Operation.MaxPool operation, Network.Node node) {
    return vertex(OneDnnPool.maximum(operation.window()), node, node);
  }

  @Override
  public Void visit(Operation.AveragePool operation, Network.Node node) {
    return vertex(OneDnnPool.mean(operation.kernel(), operation.stride()), node, node);
  }

  @Override
  public Void visit(Operation.GlobalAveragePool operation, Network.Node node) {
    return vertex(OneDnnPool.globalMean(), node, node);
  }

  private Void vertex(VertexOperation operation, Network.Node first, Network.Node last) {
    graph.addVertex(last.name(), new ComputedVertex(operation), StockLayers.inputs(first));
    done.add(last);
    return null;
  }

  @Override
  public Void visit(Operation.Flatten operation, Network.Node node) {
    return others.visit(operation, node);
  }

  @Override
  public Void visit(Operation.Dropout operation, Network.Node node) {
    return others.visit(operation, node);
  }

  @Override
  public Void visit(Operation.Dense operation, Network.Node node) {
    return others.visit(operation, node);
  }
}
