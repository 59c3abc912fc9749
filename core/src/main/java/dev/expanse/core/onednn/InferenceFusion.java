package dev.expanse.core.onednn;

import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.ConvNormActivation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import dev.expanse.core.onednn.InferenceStep.PostOperation;
import dev.expanse.core.onednn.InferenceValue.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns a network's operations into fewer steps: a convolution takes in the norm, the activations
 * and the residual add behind it as long as nobody else reads what lies between.
 */
final class InferenceFusion implements Operation.Visitor<InferenceValue> {
  private final Map<Network.Node, ConvNormActivation> units;
  private final Map<Network.Node, List<Network.Node>> readers = new HashMap<>();
  private final Map<Network.Node, InferenceValue> values = new HashMap<>();
  private final List<InferenceStep> steps = new ArrayList<>();

  private InferenceFusion(Network network) {
    this.units = ConvNormActivation.in(network);
    for (var node : network.nodes()) {
      for (var input : node.inputs()) {
        readers.computeIfAbsent(input, read -> new ArrayList<>()).add(node);
      }
    }
  }

  /** The steps in an order in which they can run; the last one is the softmax. */
  static List<InferenceStep> steps(Network network) {
    var fusion = new InferenceFusion(network);
    for (var node : network.nodes()) {
      if (!fusion.values.containsKey(node)) {
        fusion.values.put(node, node.accept(fusion));
      }
    }
    var logits = fusion.values.get(network.output());
    var output = new InferenceValue("probabilities", logits.shape(), Place.PROBABILITIES);
    fusion.steps.add(new InferenceStep.Softmax(logits, output));
    return List.copyOf(fusion.steps);
  }

  @Override
  public InferenceValue visit(Operation.Input operation, Network.Node node) {
    return new InferenceValue(node.name(), node.shape(), Place.IMAGES);
  }

  @Override
  public InferenceValue visit(Operation.Convolution operation, Network.Node node) {
    var norm = Optional.ofNullable(units.get(node)).map(ConvNormActivation::norm);
    return convolve(node, InferenceFilter.of(node, norm), norm.orElse(node));
  }

  @Override
  public InferenceValue visit(Operation.BatchNorm operation, Network.Node node) {
    return convolve(node, InferenceFilter.of(node), node);
  }

  /** Adds the step for {@code filter}, whose result is that of {@code last}. */
  private InferenceValue convolve(Network.Node first, InferenceFilter filter, Network.Node last) {
    var raw = arena(last);
    var postOperations = new ArrayList<PostOperation>();
    values.put(last, raw);
    var end = last;
    for (var next = postOperation(end, false); next.isPresent(); ) {
      var operation = next.get();
      postOperations.add(operation);
      end = readers.get(end).get(0);
      values.put(end, operation.output());
      next = postOperation(end, postOperations.stream().anyMatch(InferenceFusion::isSum));
    }
    steps.add(new InferenceStep.Convolve(input(first), filter, raw, postOperations));
    return values.get(last);
  }

  private static boolean isSum(PostOperation operation) {
    return operation instanceof InferenceStep.Accumulate;
  }

  /** What the only reader of {@code node} does, if that can be done to a result at once. */
  private Optional<PostOperation> postOperation(Network.Node node, boolean summed) {
    var all = readers.getOrDefault(node, List.of());
    if (all.size() != 1) {
      return Optional.empty();
    }
    var reader = all.get(0);
    if (reader.operation() instanceof Operation.Activation activation) {
      return Optional.of(new InferenceStep.Apply(activation.function(), arena(reader)));
    }
    if (reader.operation() instanceof Operation.Add && !summed) {
      return reader.inputs().stream()
          .filter(input -> input != node && values.containsKey(input))
          .findFirst()
          .map(shortcut -> new InferenceStep.Accumulate(values.get(shortcut), arena(reader)));
    }
    return Optional.empty();
  }

  @Override
  public InferenceValue visit(Operation.Activation operation, Network.Node node) {
    var output = arena(node);
    steps.add(new InferenceStep.Activate(input(node), operation.function(), output));
    return output;
  }

  @Override
  public InferenceValue visit(Operation.Add operation, Network.Node node) {
    var output = arena(node);
    var left = values.get(node.inputs().get(0));
    steps.add(new InferenceStep.Add(left, values.get(node.inputs().get(1)), output));
    return output;
  }

  @Override
  public InferenceValue visit(Operation.Scale operation, Network.Node node) {
    throw new IllegalArgumentException("Cannot compile " + node);
  }

  @Override
  public InferenceValue visit(ChannelOperation.Concat operation, Network.Node node) {
    throw new IllegalArgumentException("Cannot compile " + node);
  }

  @Override
  public InferenceValue visit(ChannelOperation.Slice operation, Network.Node node) {
    throw new IllegalArgumentException("Cannot compile " + node);
  }

  @Override
  public InferenceValue visit(ChannelOperation.Shuffle operation, Network.Node node) {
    throw new IllegalArgumentException("Cannot compile " + node);
  }

  @Override
  public InferenceValue visit(Operation.MaxPool operation, Network.Node node) {
    throw new IllegalArgumentException("Cannot compile " + node);
  }

  @Override
  public InferenceValue visit(Operation.AveragePool operation, Network.Node node) {
    throw new IllegalArgumentException("Cannot compile " + node);
  }

  @Override
  public InferenceValue visit(Operation.Flatten operation, Network.Node node) {
    throw new IllegalArgumentException("Cannot compile " + node);
  }

  @Override
  public InferenceValue visit(Operation.GlobalAveragePool operation, Network.Node node) {
    var output = arena(node);
    steps.add(new InferenceStep.Pool(input(node), output));
    return output;
  }

  @Override
  public InferenceValue visit(Operation.Dropout operation, Network.Node node) {
    return input(node);
  }

  @Override
  public InferenceValue visit(Operation.Dense operation, Network.Node node) {
    var output = arena(node);
    steps.add(new InferenceStep.Connect(input(node), node, output));
    return output;
  }

  private InferenceValue input(Network.Node node) {
    return values.get(node.onlyInput());
  }

  private static InferenceValue arena(Network.Node node) {
    return new InferenceValue(node.name(), node.shape(), Place.ARENA);
  }
}
