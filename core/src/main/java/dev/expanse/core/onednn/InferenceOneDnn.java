package dev.expanse.core.onednn;

import dev.expanse.core.network.Operation.Activation.Function;
import java.util.function.Supplier;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;

/** What the makers of kernels say to oneDNN. Native objects belong to the scope that is open. */
final class InferenceOneDnn {
  private final engine engine = OneDnn.engine();
  private final stream stream = new stream(engine);
  private final InferenceLayout layout;

  InferenceOneDnn(InferenceLayout layout) {
    this.layout = layout;
  }

  /** A scope that frees what is made within it. */
  @SuppressWarnings("unchecked") // PointerScope takes a list of classes
  static PointerScope scope() {
    return new PointerScope();
  }

  /** What {@code computation} returns, after the native objects that it made are freed. */
  @SuppressWarnings("try") // the scope works without being mentioned
  static <T> T temporarily(Supplier<T> computation) {
    try (var scope = scope()) {
      return computation.get();
    }
  }

  engine engine() {
    return engine;
  }

  InferenceLayout layout() {
    return layout;
  }

  /** Activations of so many images; those of the caller are channels last. */
  memory.desc activations(InferenceValue value, int images) {
    boolean ours = value.place() == InferenceValue.Place.ARENA;
    return maps(ours ? layout.tag(value.shape()) : memory.format_tag.nhwc, value, images);
  }

  /** Activations of so many images, channels last. */
  memory.desc channelsLast(InferenceValue value, int images) {
    return maps(memory.format_tag.nhwc, value, images);
  }

  private memory.desc maps(memory.format_tag order, InferenceValue value, int images) {
    var shape = value.shape();
    return floats(order, images, shape.channels(), shape.height(), shape.width());
  }

  /** Vectors of so many images. */
  memory.desc vectors(InferenceValue value, int images) {
    return floats(memory.format_tag.nc, images, value.shape().size());
  }

  memory.desc floats(memory.format_tag layout, long... dimensions) {
    return Primitives.floats(layout, dimensions);
  }

  /** Floats with gaps between them: how many to the next one of each dimension. */
  memory.desc strided(long[] dimensions, long... strides) {
    return new memory.desc(dimensions, memory.data_type.f32, strides, false);
  }

  /** Values in row-major order, brought into the layout that a primitive wants, for good. */
  memory constant(float[] values, memory.desc given, memory.desc wanted) {
    var constant = new memory(wanted, engine);
    try (var pointer = new FloatPointer(values);
        var source = new memory(given, engine, pointer);
        var reorder = new reorder(source, constant)) {
      reorder.execute(stream, source, constant);
      stream._wait();
    }
    return constant;
  }

  /** Attributes of a primitive that does something to its result. */
  primitive_attr attributes(InferenceStep.Result result) {
    var operations = new post_ops();
    for (var operation : result.postOperations()) {
      if (operation instanceof InferenceStep.Apply apply) {
        append(operations, apply.function());
      } else {
        operations.append_sum();
      }
    }
    return Primitives.attributes(operations);
  }

  /** Attributes of a primitive that does nothing else. */
  primitive_attr attributes() {
    return Primitives.attributes(new post_ops());
  }

  static void append(post_ops operations, Function function) {
    operations.append_eltwise(1, algorithm(function), alpha(function), 0);
  }

  static int algorithm(Function function) {
    return switch (function) {
      case RELU -> dnnl.dnnl_eltwise_relu;
      case RELU6 -> dnnl.dnnl_eltwise_bounded_relu;
      case SIGMOID -> dnnl.dnnl_eltwise_logistic;
    };
  }

  /** The function's one parameter. */
  static float alpha(Function function) {
    return switch (function) {
      case RELU, SIGMOID -> 0;
      case RELU6 -> 6;
    };
  }

  static String implementation(primitive_desc_base description) {
    return description.impl_info_str().getString();
  }
}
