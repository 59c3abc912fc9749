package dev.expanse.bench;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_backward;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_bounded_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_eltwise_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_scaleshift;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * The oneDNN primitives of a network's convolutions and batch norms for one {@link Task}. They
 * share their memory: all sources are at one place, all weights at another, and so on.
 */
final class OneDnnPrimitives implements AutoCloseable {
  static final int EXECUTIONS = 6;

  @SuppressWarnings("unchecked") // an array of no classes, which the compiler makes
  private final PointerScope scope = new PointerScope(); // owns all that is made below

  private final engine cpu = new engine(engine.kind.cpu.value, 0);
  private final stream queue = new stream(cpu);
  private final Network network;
  private final int batch;
  private final boolean training;
  private final Map<Integer, memory> shared = new HashMap<>();
  private final List<Call> calls;

  /** A primitive with the memory of its arguments. */
  private record Call(primitive primitive, IntMemoryMap arguments) {}

  /** A primitive with the layouts of its arguments, by {@code DNNL_ARG_...}. */
  private record Plan(primitive primitive, Map<Integer, memory.desc> arguments) {}

  /** The layouts of a convolution's arguments, and its window. */
  private record Layouts(
      memory.desc source,
      memory.desc weights,
      memory.desc result,
      LongPointer strides,
      LongPointer padding) {
    static Layouts of(Operation.Convolution operation, Network.Node node, int batch) {
      var input = node.onlyInput().shape();
      return new Layouts(
          featureMap(input, batch),
          weights(operation, input.channels()),
          featureMap(node.shape(), batch),
          new LongPointer(operation.stride(), operation.stride()),
          new LongPointer(operation.padding(), operation.padding()));
    }

    static memory.desc featureMap(Shape shape, int batch) {
      return layout(memory.format_tag.nhwc, batch, shape.channels(), shape.height(), shape.width());
    }

    /** Weights are in whatever layout oneDNN likes best. */
    static memory.desc weights(Operation.Convolution operation, int inputs) {
      long channels = operation.channels();
      long kernel = operation.kernel();
      long groups = operation.groups();
      return groups == 1
          ? layout(memory.format_tag.any, channels, inputs, kernel, kernel)
          : layout(
              memory.format_tag.any, groups, channels / groups, inputs / groups, kernel, kernel);
    }

    static memory.desc layout(memory.format_tag tag, long... dimensions) {
      return new memory.desc(new LongPointer(dimensions), memory.data_type.f32, tag, false);
    }
  }

  OneDnnPrimitives(Network network, Task task) {
    this.network = network;
    batch = task.batch();
    training = task.what() == Task.What.TRAIN;
    var plans = new ArrayList<Plan>();
    for (var node : network.nodes()) {
      if (node.operation() instanceof Operation.Convolution convolution) {
        plans.addAll(convolution(convolution, node));
      } else if (node.operation() instanceof Operation.BatchNorm norm && training) {
        plans.addAll(norm(norm, node));
      }
    }
    var largest = new HashMap<Integer, Long>();
    for (var plan : plans) {
      plan.arguments.forEach((key, desc) -> largest.merge(key, desc.get_size(), Math::max));
    }
    largest.forEach((key, bytes) -> shared.put(key, filled(bytes / Float.BYTES)));
    calls = plans.stream().map(this::call).toList();
  }

  /** The sum of the best times of all primitives, milliseconds. */
  double bestMilliseconds() {
    return calls.stream().mapToDouble(this::best).sum();
  }

  private double best(Call call) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < EXECUTIONS; i++) {
      best = Math.min(best, Subject.milliseconds(() -> execute(call)));
    }
    return best;
  }

  private void execute(Call call) {
    call.primitive.execute(queue, call.arguments);
    queue._wait();
  }

  private List<Plan> convolution(Operation.Convolution operation, Network.Node node) {
    var layouts = Layouts.of(operation, node, batch);
    var forward =
        new convolution_forward.primitive_desc(
            new convolution_forward.desc(
                training ? dnnl_forward_training : dnnl_forward_inference,
                dnnl_convolution_direct,
                layouts.source,
                layouts.weights,
                layouts.result,
                layouts.strides,
                layouts.padding,
                layouts.padding),
            attributes(node),
            cpu,
            false);
    var plan =
        new Plan(
            new convolution_forward(forward),
            Map.of(
                DNNL_ARG_SRC, forward.src_desc(),
                DNNL_ARG_WEIGHTS, forward.weights_desc(),
                DNNL_ARG_DST, forward.dst_desc()));
    return training
        ? List.of(plan, backwardData(layouts, forward), backwardWeights(layouts, forward))
        : List.of(plan);
  }

  private Plan backwardData(Layouts layouts, convolution_forward.primitive_desc forward) {
    var backward =
        new convolution_backward_data.primitive_desc(
            new convolution_backward_data.desc(
                dnnl_convolution_direct,
                layouts.source,
                layouts.weights,
                layouts.result,
                layouts.strides,
                layouts.padding,
                layouts.padding),
            cpu,
            forward,
            false);
    return new Plan(
        new convolution_backward_data(backward),
        Map.of(
            DNNL_ARG_DIFF_SRC, backward.diff_src_desc(),
            DNNL_ARG_WEIGHTS, backward.weights_desc(),
            DNNL_ARG_DIFF_DST, backward.diff_dst_desc()));
  }

  private Plan backwardWeights(Layouts layouts, convolution_forward.primitive_desc forward) {
    var backward =
        new convolution_backward_weights.primitive_desc(
            new convolution_backward_weights.desc(
                dnnl_convolution_direct,
                layouts.source,
                layouts.weights,
                layouts.result,
                layouts.strides,
                layouts.padding,
                layouts.padding),
            cpu,
            forward,
            false);
    return new Plan(
        new convolution_backward_weights(backward),
        Map.of(
            DNNL_ARG_SRC, backward.src_desc(),
            DNNL_ARG_DIFF_WEIGHTS, backward.diff_weights_desc(),
            DNNL_ARG_DIFF_DST, backward.diff_dst_desc()));
  }

  /** Backward directly after forward, whose mean and variance it reads. */
  private List<Plan> norm(Operation.BatchNorm operation, Network.Node node) {
    var x = Layouts.featureMap(node.shape(), batch);
    float epsilon = (float) operation.epsilon();
    var forward =
        new batch_normalization_forward.primitive_desc(
            new batch_normalization_forward.desc(
                dnnl_forward_training, x, epsilon, dnnl_use_scaleshift),
            cpu,
            false);
    var backward =
        new batch_normalization_backward.primitive_desc(
            new batch_normalization_backward.desc(
                dnnl_backward, x, x, epsilon, dnnl_use_scaleshift),
            cpu,
            forward,
            false);
    var read =
        Map.of(
            DNNL_ARG_SRC, forward.src_desc(),
            DNNL_ARG_MEAN, forward.mean_desc(),
            DNNL_ARG_VARIANCE, forward.variance_desc(),
            DNNL_ARG_SCALE_SHIFT, forward.weights_desc());
    var forwardArguments = new HashMap<>(read);
    forwardArguments.put(DNNL_ARG_DST, forward.dst_desc());
    var backwardArguments = new HashMap<>(read);
    backwardArguments.put(DNNL_ARG_DIFF_DST, backward.diff_dst_desc());
    backwardArguments.put(DNNL_ARG_DIFF_SRC, backward.diff_src_desc());
    backwardArguments.put(DNNL_ARG_DIFF_SCALE_SHIFT, backward.diff_weights_desc());
    return List.of(
        new Plan(new batch_normalization_forward(forward), forwardArguments),
        new Plan(new batch_normalization_backward(backward), backwardArguments));
  }

  /** In inference with the activation that follows the convolution's norm, if one does. */
  private primitive_attr attributes(Network.Node convolution) {
    var attributes = new primitive_attr();
    if (!training) {
      var activation =
          onlyReader(convolution)
              .filter(reader -> reader.operation() instanceof Operation.BatchNorm)
              .flatMap(this::onlyReader);
      if (activation.isPresent() && activation.get().operation() instanceof Activation follows) {
        var operations = new post_ops();
        switch (follows.function()) {
          case RELU -> operations.append_eltwise(1f, dnnl_eltwise_relu, 0f, 0f);
          case RELU6 -> operations.append_eltwise(1f, dnnl_eltwise_bounded_relu, 6f, 0f);
        }
        attributes.set_post_ops(operations);
      }
    }
    return attributes;
  }

  private Optional<Network.Node> onlyReader(Network.Node node) {
    var readers =
        network.nodes().stream().filter(reader -> reader.inputs().contains(node)).toList();
    return readers.size() == 1 ? Optional.of(readers.get(0)) : Optional.empty();
  }

  private Call call(Plan plan) {
    var arguments = new IntMemoryMap();
    plan.arguments.forEach(
        (key, desc) ->
            arguments.put(key, new memory(desc, cpu, shared.get(key).get_data_handle())));
    return new Call(plan.primitive, arguments);
  }

  /** Values of both signs; pages never written would all be read from one page of zeros. */
  private memory filled(long count) {
    var filled = new memory(Layouts.layout(memory.format_tag.x, count), cpu);
    var values = new FloatPointer(filled.get_data_handle()).capacity(count);
    for (long i = 0; i < count; i++) {
      values.put(i, (((int) i * 0x9E3779B9) >> 8) * 0x1p-23f);
    }
    return filled;
  }

  @Override
  public void close() {
    scope.close();
  }
}
