package dev.expanse.core.onednn;

import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.ConvNormActivation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Shape;
import dev.expanse.core.onednn.InferenceStep.Combine.Arithmetic;
import dev.expanse.core.onednn.InferenceStep.PostOperation;
import dev.expanse.core.onednn.InferenceStep.Result;
import dev.expanse.core.onednn.InferenceValue.Place;
import dev.expanse.core.onednn.PoolingWindow.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.dnnl.memory.format_tag;

/**
 * Turns a network's operations into fewer steps: a convolution takes in the norm, the activations
 * and the residual add behind it as long as nobody else reads what lies between.
 */
final class InferenceFusion implements Operation.Visitor<InferenceValue> {
  private final InferenceLayout layout;
  private final Map<Network.Node, ConvNormActivation> units;
  private final Map<Network.Node, List<Network.Node>> readers;
  private final Map<Network.Node, InferenceValue> values = new HashMap<>();
  private final List<InferenceStep> steps = new ArrayList<>();

  private InferenceFusion(Network network, InferenceLayout layout) {
    this.layout = layout;
    this.units = ConvNormActivation.in(network);
    this.readers = network.readers();
  }

  /** The steps in an order in which they can run; the last one is the softmax. */
  static List<InferenceStep> steps(Network network, InferenceLayout layout) {
    var fusion = new InferenceFusion(network, layout);
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
    var images = new InferenceValue(node.name(), node.shape(), Place.IMAGES);
    return layout.tag(node.shape()) == format_tag.nhwc
        ? images
        : step(node, output -> new InferenceStep.Rearrange(images, output));
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
    var input = input(first);
    return fused(last, true, result -> new InferenceStep.Convolve(input, filter, result));
  }

  /**
   * Adds the step that computes {@code last}, and what of the nodes behind it can be done at once.
   *
   * @param sums whether a sum can
   */
  private InferenceValue fused(
      Network.Node last, boolean sums, Function<Result, InferenceStep> step) {
    var raw = arena(last);
    var postOperations = new ArrayList<PostOperation>();
    values.put(last, raw);
    var end = last;
    for (var next = postOperation(end, sums); next.isPresent(); ) {
      var operation = next.get();
      postOperations.add(operation);
      end = readers.get(end).get(0);
      values.put(end, operation.output());
      boolean more = sums && postOperations.stream().noneMatch(InferenceFusion::isSum);
      next = postOperation(end, more);
    }
    steps.add(step.apply(new Result(raw, postOperations)));
    return values.get(last);
  }

  private static boolean isSum(PostOperation operation) {
    return operation instanceof InferenceStep.Accumulate;
  }

  /** What the only reader of {@code node} does, if that can be done to a result at once. */
  private Optional<PostOperation> postOperation(Network.Node node, boolean sums) {
    var all = readers.getOrDefault(node, List.of());
    if (all.size() != 1) {
      return Optional.empty();
    }
    var reader = all.get(0);
    if (reader.operation() instanceof Operation.Activation activation) {
      return Optional.of(new InferenceStep.Apply(activation.function(), arena(reader)));
    }
    if (reader.operation() instanceof Operation.Add && sums) {
      return reader.inputs().stream()
          .filter(input -> input != node && values.containsKey(input))
          .findFirst()
          .map(shortcut -> new InferenceStep.Accumulate(values.get(shortcut), arena(reader)));
    }
    return Optional.empty();
  }

  @Override
  public InferenceValue visit(Operation.Activation operation, Network.Node node) {
    var input = input(node);
    return step(node, output -> new InferenceStep.Activate(input, operation.function(), output));
  }

  @Override
  public InferenceValue visit(Operation.Add operation, Network.Node node) {
    return combine(Arithmetic.ADD, node);
  }

  @Override
  public InferenceValue visit(Operation.Scale operation, Network.Node node) {
    return combine(Arithmetic.MULTIPLY, node);
  }

  private InferenceValue combine(Arithmetic arithmetic, Network.Node node) {
    var left = values.get(node.inputs().get(0));
    var right = values.get(node.inputs().get(1));
    return fused(node, true, result -> new InferenceStep.Combine(arithmetic, left, right, result));
  }

  @Override
  public InferenceValue visit(ChannelOperation.Concat operation, Network.Node node) {
    var inputs = node.inputs().stream().map(values::get).toList();
    return step(node, output -> new InferenceStep.Concatenate(inputs, output));
  }

  @Override
  public InferenceValue visit(ChannelOperation.Slice operation, Network.Node node) {
    var input = input(node);
    return step(node, output -> new InferenceStep.Slice(input, operation, output));
  }

  @Override
  public InferenceValue visit(ChannelOperation.Shuffle operation, Network.Node node) {
    var input = input(node);
    return step(node, output -> new InferenceStep.Shuffle(input, operation.groups(), output));
  }

  @Override
  public InferenceValue visit(Operation.MaxPool operation, Network.Node node) {
    return pool(node, PoolingWindow.of(Kind.MAX, operation.window(), inputShape(node)));
  }

  @Override
  public InferenceValue visit(Operation.AveragePool operation, Network.Node node) {
    return pool(node, PoolingWindow.of(Kind.MEAN, operation.window(), inputShape(node)));
  }

  @Override
  public InferenceValue visit(Operation.GlobalAveragePool operation, Network.Node node) {
    return pool(node, PoolingWindow.all(Kind.MEAN, inputShape(node)));
  }

  private InferenceValue pool(Network.Node node, PoolingWindow window) {
    var input = input(node);
    return step(node, output -> new InferenceStep.Pool(input, window, output));
  }

  @Override
  public InferenceValue visit(Operation.Flatten operation, Network.Node node) {
    var input = input(node);
    return feedsOnlyDense(node)
        ? input
        : step(node, output -> new InferenceStep.Rearrange(input, output));
  }

  /** Whether all readers are fully connected, which take a feature map as it is. */
  private boolean feedsOnlyDense(Network.Node node) {
    var all = readers.getOrDefault(node, List.of());
    return !all.isEmpty()
        && all.stream()
            .allMatch(
                reader ->
                    reader.operation() instanceof Operation.Dense
                        || reader.operation() instanceof Operation.Dropout
                            && feedsOnlyDense(reader));
  }

  @Override
  public InferenceValue visit(Operation.Dropout operation, Network.Node node) {
    return input(node);
  }

  @Override
  public InferenceValue visit(Operation.Dense operation, Network.Node node) {
    var input = input(node);
    return fused(node, false, result -> new InferenceStep.Connect(input, node, result));
  }

  private InferenceValue step(Network.Node node, Function<InferenceValue, InferenceStep> step) {
    var output = arena(node);
    steps.add(step.apply(output));
    return output;
  }

  private InferenceValue input(Network.Node node) {
    return values.get(node.onlyInput());
  }

  private static Shape inputShape(Network.Node node) {
    return node.onlyInput().shape();
  }

  private static InferenceValue arena(Network.Node node) {
    return new InferenceValue(node.name(), node.shape(), Place.ARENA);
  }
}
