package dev.expanse.core.onnx;

import static dev.expanse.core.onnx.OnnxGraph.attribute;

import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Weights;
import dev.expanse.core.network.Weights.Parameter;
import dev.expanse.core.network.Window;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import onnx.Onnx.AttributeProto;

/**
 * A network's operations as operators of ONNX's operator set 13. Feature maps are {@code [N, C, H,
 * W]}, and vectors are {@code [N, C]} or maps of one pixel, as suits the operators that read them.
 * A value has the name of the node that computes it.
 */
final class OnnxOperators implements Operation.Visitor<OnnxOperators.Value> {
  private final Weights weights;
  private final Map<Network.Node, Network.Node> folded;
  private final OnnxGraph graph = new OnnxGraph();
  private final Map<Network.Node, Value> values = new HashMap<>();
  private final Map<String, Value> reshaped = new HashMap<>();

  /** What an operator computes: {@code [N, C]} if it is a vector, else {@code [N, C, H, W]}. */
  record Value(String name, boolean vector) {}

  private OnnxOperators(Weights weights, Map<Network.Node, Network.Node> folded) {
    this.weights = weights;
    this.folded = folded;
  }

  /**
   * The graph of a network, from images to probabilities.
   *
   * @param folded the norms that are folded, by the convolution into whose weights they are
   * @param output the name of the probabilities
   */
  static OnnxGraph graph(
      Network network, Weights weights, Map<Network.Node, Network.Node> folded, String output) {
    var operators = new OnnxOperators(weights, folded);
    for (var node : network.nodes()) {
      operators.values.put(node, node.accept(operators));
    }
    var logits = operators.vector(network.output());
    operators.graph.add("Softmax", output, output, List.of(logits), attribute("axis", 1L));
    operators.graph.output(output, network.classes());
    return operators.graph;
  }

  @Override
  public Value visit(Operation.Input operation, Network.Node node) {
    var shape = node.shape();
    graph.input(node.name(), shape.channels(), shape.height(), shape.width());
    return new Value(node.name(), false);
  }

  @Override
  public Value visit(Operation.Convolution operation, Network.Node node) {
    var filter = ConvolutionWeights.of(node, folded.get(node), weights);
    long kernel = operation.kernel();
    long inputs = node.onlyInput().shape().channels() / operation.groups();
    var read = new ArrayList<>(List.of(map(node.onlyInput())));
    read.add(
        constant(node, "weight", filter.weight(), operation.channels(), inputs, kernel, kernel));
    filter.bias().ifPresent(bias -> read.add(constant(node, "bias", bias, operation.channels())));
    var window = new Window(operation.kernel(), operation.stride(), operation.padding());
    var output = folded.getOrDefault(node, node).name();
    graph.add(
        "Conv",
        node.name(),
        output,
        read,
        attribute("kernel_shape", kernel, kernel),
        attribute("strides", window.stride(), window.stride()),
        attribute("pads", window.padding(), window.padding(), window.padding(), window.padding()),
        attribute("group", (long) operation.groups()));
    return new Value(output, false);
  }

  @Override
  public Value visit(Operation.BatchNorm operation, Network.Node node) {
    if (folded.containsValue(node)) {
      return values.get(node.onlyInput());
    }
    long channels = node.shape().channels();
    return map(
        node,
        "BatchNormalization",
        List.of(
            map(node.onlyInput()),
            constant(node, "gamma", weights.get(node, Parameter.GAMMA), channels),
            constant(node, "beta", weights.get(node, Parameter.BETA), channels),
            constant(node, "mean", weights.get(node, Parameter.MEAN), channels),
            constant(node, "variance", weights.get(node, Parameter.VARIANCE), channels)),
        attribute("epsilon", (float) operation.epsilon()));
  }

  @Override
  public Value visit(Operation.Activation operation, Network.Node node) {
    var x = values.get(node.onlyInput());
    var name =
        switch (operation.function()) {
          case RELU -> add(node, "Relu", List.of(x.name()));
          case RELU6 ->
              add(
                  node,
                  "Clip",
                  List.of(x.name(), scalar("relu6.least", 0), scalar("relu6.most", 6)));
          case SIGMOID -> add(node, "Sigmoid", List.of(x.name()));
        };
    return new Value(name, x.vector());
  }

  @Override
  public Value visit(Operation.Add operation, Network.Node node) {
    var inputs = node.inputs();
    if (inputs.stream().allMatch(input -> values.get(input).vector())) {
      return new Value(add(node, "Add", inputs.stream().map(this::vector).toList()), true);
    }
    return map(node, "Add", inputs.stream().map(this::map).toList());
  }

  @Override
  public Value visit(Operation.Scale operation, Network.Node node) {
    return map(node, "Mul", node.inputs().stream().map(this::map).toList());
  }

  @Override
  public Value visit(ChannelOperation.Concat operation, Network.Node node) {
    var inputs = node.inputs().stream().map(this::map).toList();
    return map(node, "Concat", inputs, attribute("axis", 1L));
  }

  @Override
  public Value visit(ChannelOperation.Slice operation, Network.Node node) {
    return map(
        node,
        "Slice",
        List.of(
            map(node.onlyInput()),
            graph.constant(node.name() + ".from", operation.from()),
            graph.constant(node.name() + ".to", operation.to()),
            graph.constant("channels.axis", 1)));
  }

  @Override
  public Value visit(ChannelOperation.Shuffle operation, Network.Node node) {
    var name = node.name();
    var shape = node.shape();
    long groups = operation.groups();
    long each = shape.channels() / groups;
    // 0 keeps the batch
    var dealt = graph.constant(name + ".groups", 0, groups, each, shape.height(), shape.width());
    var joined =
        graph.constant(name + ".shape", 0, shape.channels(), shape.height(), shape.width());
    var x =
        graph.add(
            "Reshape", name + ".split", name + ".split", List.of(map(node.onlyInput()), dealt));
    x =
        graph.add(
            "Transpose",
            name + ".deal",
            name + ".deal",
            List.of(x),
            attribute("perm", 0, 2, 1, 3, 4));
    return map(node, "Reshape", List.of(x, joined));
  }

  @Override
  public Value visit(Operation.MaxPool operation, Network.Node node) {
    return pool(node, "MaxPool", operation.window());
  }

  @Override
  public Value visit(Operation.AveragePool operation, Network.Node node) {
    return pool(node, "AveragePool", operation.window());
  }

  /** Padding says where windows end; runtimes do not agree on what {@code ceil_mode} means. */
  private Value pool(Network.Node node, String type, Window window) {
    var input = node.onlyInput().shape();
    return map(
        node,
        type,
        List.of(map(node.onlyInput())),
        attribute("kernel_shape", window.kernel(), window.kernel()),
        attribute("strides", window.stride(), window.stride()),
        attribute(
            "pads",
            window.padding(),
            window.padding(),
            Math.max(0, window.paddingAtEnd(input.height())),
            Math.max(0, window.paddingAtEnd(input.width()))));
  }

  @Override
  public Value visit(Operation.GlobalAveragePool operation, Network.Node node) {
    return map(node, "GlobalAveragePool", List.of(map(node.onlyInput())));
  }

  @Override
  public Value visit(Operation.Flatten operation, Network.Node node) {
    var input = node.onlyInput();
    if (input.shape().height() == 1 && input.shape().width() == 1) {
      return values.get(input);
    }
    // our vectors have the channels of the first pixel first
    var rows =
        graph.add(
            "Transpose",
            node.name() + ".rows",
            node.name() + ".rows",
            List.of(map(input)),
            attribute("perm", 0, 2, 3, 1));
    return new Value(add(node, "Flatten", List.of(rows), attribute("axis", 1L)), true);
  }

  @Override
  public Value visit(Operation.Dropout operation, Network.Node node) {
    return values.get(node.onlyInput());
  }

  @Override
  public Value visit(Operation.Dense operation, Network.Node node) {
    long channels = operation.channels();
    long inputs = node.onlyInput().shape().channels();
    var read =
        List.of(
            vector(node.onlyInput()),
            constant(node, "weight", weights.get(node, Parameter.WEIGHT), channels, inputs),
            constant(node, "bias", weights.get(node, Parameter.BIAS), channels));
    return new Value(add(node, "Gemm", read, attribute("transB", 1L)), true);
  }

  /** What a node computes, as a map, of one pixel if it is a vector. */
  private String map(Network.Node node) {
    var value = values.get(node);
    if (!value.vector()) {
      return value.name();
    }
    var name = value.name() + ".map";
    return reshaped
        .computeIfAbsent(
            name,
            absent ->
                new Value(
                    graph.add(
                        "Unsqueeze",
                        name,
                        name,
                        List.of(value.name(), graph.constant("pixels.axes", 2, 3))),
                    false))
        .name();
  }

  /** What a node computes, as a vector. */
  private String vector(Network.Node node) {
    var value = values.get(node);
    if (value.vector()) {
      return value.name();
    }
    var name = value.name() + ".vector";
    return reshaped
        .computeIfAbsent(
            name,
            absent ->
                new Value(
                    graph.add("Flatten", name, name, List.of(value.name()), attribute("axis", 1L)),
                    true))
        .name();
  }

  private Value map(
      Network.Node node, String type, List<String> inputs, AttributeProto... attributes) {
    return new Value(add(node, type, inputs, attributes), false);
  }

  private String add(
      Network.Node node, String type, List<String> inputs, AttributeProto... attributes) {
    return graph.add(type, node.name(), node.name(), inputs, attributes);
  }

  private String constant(Network.Node node, String role, float[] values, long... shape) {
    return graph.constant(node.name() + "." + role, values, shape);
  }

  private String scalar(String name, float value) {
    return graph.constant(name, new float[] {value});
  }
}
