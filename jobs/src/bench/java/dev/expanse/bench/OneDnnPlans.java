package dev.expanse.bench;

import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_bounded_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_logistic;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;

import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Operation.Activation.Function;
import dev.expanse.core.network.Shape;
import dev.expanse.core.network.Weights;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;

/**
 * The primitives of each operation, on channels-last feature maps: what {@link OneDnnFloorSubject}
 * counts, and nothing for what it does not. A backward one comes behind its forward one, whose
 * results it reads.
 */
final class OneDnnPlans implements Operation.Visitor<List<OneDnnPlan>> {
  private final Map<Network.Node, List<Network.Node>> readers = new HashMap<>();
  private final Set<Network.Node> learned = new HashSet<>();
  private final int batch;
  private final boolean training;
  private final engine cpu;

  private OneDnnPlans(Network network, Task task, engine cpu) {
    this.batch = task.batch();
    this.training = task.what() == Task.What.TRAIN;
    this.cpu = cpu;
    for (var node : network.nodes()) {
      for (var input : node.inputs()) {
        readers.computeIfAbsent(input, read -> new ArrayList<>()).add(node);
      }
      if (!Weights.sizes(node).isEmpty() || node.inputs().stream().anyMatch(learned::contains)) {
        learned.add(node);
      }
    }
  }

  /** Those of a network for training or for inference. */
  static List<OneDnnPlan> of(Network network, Task task, engine cpu) {
    var computed = task.what() == Task.What.TRAIN ? network : network.inference();
    var plans = new OneDnnPlans(computed, task, cpu);
    return computed.nodes().stream().flatMap(node -> node.accept(plans).stream()).toList();
  }

  @Override
  public List<OneDnnPlan> visit(Operation.Convolution operation, Network.Node node) {
    var input = node.onlyInput();
    int inputs = input.shape().channels();
    var convolution =
        OneDnnConvolution.of(operation, inputs, maps(input.shape()), maps(node.shape()));
    var last = onlyReader(node).filter(OneDnnPlans::isNorm).orElse(node);
    var forward = convolution.forward(forward(), fused(last), cpu);
    var plans = new ArrayList<>(List.of(convolution.plan(forward)));
    if (wantsGradient(input)) {
      plans.add(convolution.backwardData(forward, cpu));
    }
    if (training) {
      plans.add(convolution.backwardWeights(forward, cpu));
    }
    return plans;
  }

  @Override
  public List<OneDnnPlan> visit(Operation.BatchNorm operation, Network.Node node) {
    boolean relu = activation(node).equals(Optional.of(Function.RELU));
    var norm = new OneDnnNorm(maps(node.shape()), (float) operation.epsilon(), relu);
    if (training) {
      return norm.training(cpu);
    }
    var input = node.onlyInput();
    boolean folded =
        input.operation() instanceof Operation.Convolution && onlyReader(input).isPresent();
    return folded ? List.of() : List.of(norm.inference(cpu));
  }

  @Override
  public List<OneDnnPlan> visit(Operation.MaxPool operation, Network.Node node) {
    return pool(OneDnnPooling.of(true, operation.window(), node.onlyInput().shape()), node);
  }

  @Override
  public List<OneDnnPlan> visit(Operation.AveragePool operation, Network.Node node) {
    return pool(OneDnnPooling.of(false, operation.window(), node.onlyInput().shape()), node);
  }

  @Override
  public List<OneDnnPlan> visit(Operation.GlobalAveragePool operation, Network.Node node) {
    return pool(OneDnnPooling.global(node.onlyInput().shape()), node);
  }

  private List<OneDnnPlan> pool(OneDnnPooling pooling, Network.Node node) {
    var from = maps(node.onlyInput().shape());
    var to = maps(node.shape());
    var forward = pooling.forward(forward(), from, to, cpu);
    var there = pooling.plan(forward, training);
    return wantsGradient(node.onlyInput())
        ? List.of(there, pooling.backward(forward, from, to, cpu))
        : List.of(there);
  }

  @Override
  public List<OneDnnPlan> visit(Operation.Dense operation, Network.Node node) {
    var input = node.onlyInput();
    var product = OneDnnInnerProduct.of(batch, input.shape().channels(), operation.channels());
    var forward = product.forward(forward(), fused(node), cpu);
    var plans = new ArrayList<>(List.of(product.plan(forward)));
    if (wantsGradient(input)) {
      plans.add(product.backwardData(forward, cpu));
    }
    if (training) {
      plans.add(product.backwardWeights(forward, cpu));
    }
    return plans;
  }

  @Override
  public List<OneDnnPlan> visit(Operation.Input operation, Network.Node node) {
    return List.of();
  }

  @Override
  public List<OneDnnPlan> visit(Operation.Activation operation, Network.Node node) {
    return List.of();
  }

  @Override
  public List<OneDnnPlan> visit(Operation.Add operation, Network.Node node) {
    return List.of();
  }

  @Override
  public List<OneDnnPlan> visit(Operation.Scale operation, Network.Node node) {
    return List.of();
  }

  @Override
  public List<OneDnnPlan> visit(ChannelOperation.Concat operation, Network.Node node) {
    return List.of();
  }

  @Override
  public List<OneDnnPlan> visit(ChannelOperation.Slice operation, Network.Node node) {
    return List.of();
  }

  @Override
  public List<OneDnnPlan> visit(ChannelOperation.Shuffle operation, Network.Node node) {
    return List.of();
  }

  @Override
  public List<OneDnnPlan> visit(Operation.Flatten operation, Network.Node node) {
    return List.of();
  }

  @Override
  public List<OneDnnPlan> visit(Operation.Dropout operation, Network.Node node) {
    return List.of();
  }

  private int forward() {
    return training ? dnnl_forward_training : dnnl_forward_inference;
  }

  private memory.desc maps(Shape shape) {
    return OneDnnPlan.floats(
        memory.format_tag.nhwc, batch, shape.channels(), shape.height(), shape.width());
  }

  /** Whether a step has a use for the gradient of that: of what depends on weights. */
  private boolean wantsGradient(Network.Node node) {
    return training && learned.contains(node);
  }

  /** In inference with the activation that follows {@code last}, if one does. */
  private primitive_attr fused(Network.Node last) {
    var attributes = new primitive_attr();
    if (!training && activation(last).isPresent()) {
      var operations = new post_ops();
      switch (activation(last).get()) {
        case RELU -> operations.append_eltwise(1f, dnnl_eltwise_relu, 0f, 0f);
        case RELU6 -> operations.append_eltwise(1f, dnnl_eltwise_bounded_relu, 6f, 0f);
        case SIGMOID -> operations.append_eltwise(1f, dnnl_eltwise_logistic, 0f, 0f);
      }
      attributes.set_post_ops(operations);
    }
    return attributes;
  }

  private Optional<Function> activation(Network.Node node) {
    return onlyReader(node)
        .filter(reader -> reader.operation() instanceof Operation.Activation)
        .map(reader -> ((Operation.Activation) reader.operation()).function());
  }

  private static boolean isNorm(Network.Node node) {
    return node.operation() instanceof Operation.BatchNorm;
  }

  private Optional<Network.Node> onlyReader(Network.Node node) {
    var all = readers.getOrDefault(node, List.of());
    return all.size() == 1 ? Optional.of(all.get(0)) : Optional.empty();
  }
}
