package dev.expanse.core.onednn;

import dev.expanse.core.network.Operation.Activation;
import java.util.function.Supplier;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * Some primitives for one shape, with the arguments that they run on; used by one caller at a time.
 * To be made through {@link #make}, so that the native objects have an owner.
 */
abstract class Primitives implements AutoCloseable {
  final engine engine = OneDnn.engine();
  private final primitive_attr attributes = attributes(new post_ops());
  private long scratchpadBytes;
  private PointerScope owned;

  /** What {@code maker} makes, owning all native objects that were made meanwhile. */
  @SuppressWarnings("unchecked") // PointerScope takes a list of classes
  static <P extends Primitives> P make(Supplier<P> maker) {
    OneDnn.engine(); // which stays ours
    try (var scope = new PointerScope()) {
      var made = maker.get();
      ((Primitives) made).owned = scope;
      scope.extend();
      return made;
    }
  }

  final primitive_attr attributes() {
    return attributes;
  }

  /** Attributes of a primitive that does something else to its result as well. */
  static primitive_attr attributes(post_ops operations) {
    var attributes = new primitive_attr();
    // In its own mode oneDNN keeps a scratchpad for each thread, and misses it in another
    attributes.set_scratchpad_mode(dnnl.scratchpad_mode.user);
    attributes.set_post_ops(operations);
    return attributes;
  }

  /** Floats in that order of dimensions. */
  static memory.desc floats(memory.format_tag order, long... dimensions) {
    return new memory.desc(dimensions, memory.data_type.f32, order, false);
  }

  /**
   * An activation {@code [N, H, W, C]}; oneDNN names dimensions N, C, H, W whatever their order.
   */
  static memory.desc channelsLast(long... shape) {
    return floats(memory.format_tag.nhwc, shape[0], shape[3], shape[1], shape[2]);
  }

  /** A convolution's weights, row-major or in the order that a primitive prefers. */
  static memory.desc weights(UnitShape shape, boolean rowMajor) {
    int groups = shape.groups();
    int inputs = shape.inputs() / groups;
    int kernel = shape.kernel();
    if (groups == 1) {
      var order = rowMajor ? memory.format_tag.oihw : memory.format_tag.any;
      return floats(order, shape.outputs(), inputs, kernel, kernel);
    }
    var order = rowMajor ? memory.format_tag.goihw : memory.format_tag.any;
    return floats(order, groups, shape.outputs() / groups, inputs, kernel, kernel);
  }

  /** The forms of an activation function whose gradient can be told from its output. */
  static int algorithm(Activation.Function function) {
    return switch (function) {
      case RELU -> dnnl.dnnl_eltwise_relu_use_dst_for_bwd;
      case RELU6 -> dnnl.dnnl_eltwise_clip_v2_use_dst_for_bwd;
      case SIGMOID -> dnnl.dnnl_eltwise_logistic_use_dst_for_bwd;
    };
  }

  /** The activation's two parameters, as oneDNN has them. */
  static float[] parameters(Activation.Function function) {
    return switch (function) {
      case RELU, SIGMOID -> new float[] {0, 0};
      case RELU6 -> new float[] {0, 6};
    };
  }

  /** Pixels {@code [pixels, channels]}, as one image of one row. */
  static memory.desc pixels(long pixels, long channels) {
    return channelsLast(1, 1, pixels, channels);
  }

  /** A place for an argument, which gets its address before each run. */
  final memory argument(memory.desc description) {
    return new memory(description, engine, new Pointer());
  }

  /**
   * A primitive with its arguments, given as pairs of {@code DNNL_ARG_…} and memory, which is null
   * where there is no such argument.
   */
  final Step step(primitive primitive, primitive_desc_base description, Object... arguments) {
    var pad = argument(description.scratchpad_desc());
    var map = new IntMemoryMap().put(dnnl.DNNL_ARG_SCRATCHPAD, pad);
    for (int i = 0; i < arguments.length; i += 2) {
      if (arguments[i + 1] != null) {
        map.put((Integer) arguments[i], (memory) arguments[i + 1]);
      }
    }
    long bytes = description.scratchpad_desc().get_size();
    scratchpadBytes = Math.max(scratchpadBytes, bytes);
    return new Step(primitive, map, bytes > 0 ? pad : null);
  }

  /** A primitive and its arguments. */
  record Step(primitive primitive, IntMemoryMap arguments, memory scratchpad) {
    void run(Scratch scratch) {
      primitive.execute(scratch.stream(), arguments);
    }

    void scratchpad(Pointer memory) {
      if (scratchpad != null) {
        scratchpad.set_data_handle(memory);
      }
    }
  }

  /** Gives the steps the scratch memory that they ask for. */
  final void scratchpads(Scratch scratch, Step... steps) {
    if (scratchpadBytes > 0) {
      var memory = scratch.memory(Scratch.Use.SCRATCHPAD, scratchpadBytes);
      for (var step : steps) {
        if (step != null) {
          step.scratchpad(memory);
        }
      }
    }
  }

  @Override
  public final void close() {
    owned.close();
  }
}
