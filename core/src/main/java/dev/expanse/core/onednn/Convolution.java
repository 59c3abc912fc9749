package dev.expanse.core.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import java.nio.FloatBuffer;
import java.util.Optional;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * The convolution of a unit, forward or one of its two gradients, with its bias if it has one.
 * Activations stay as they are, but for maps smaller than depthwise weights, which get their
 * padding in scratch memory; weights are brought there into the order that the primitive prefers,
 * or back from it.
 */
final class Convolution extends Primitives {
  private final memory.desc x;
  private final memory.desc w;
  private final memory.desc y;
  private final memory.desc b;
  private final long[] strides;
  private final long[] padding;
  private final memory input;
  private final Optional<Framed> framed;
  private final memory output;
  private final memory bias;
  private final memory rowMajor;
  private final memory preferred;
  private final long weightBytes;
  private final Scratch.Use use;
  private final Step convolve;
  private final Step reorder;
  private final Step addReordered;

  /** Which one. */
  enum Pass {
    /** The output, from input and weights. */
    FORWARD,
    /** The same, and the unit's activation of it. */
    ACTIVATED,
    /** The input's gradient, from the output's and weights. */
    INPUT_GRADIENT,
    /** The weights' gradient, from input and the output's gradient. */
    WEIGHT_GRADIENT
  }

  /**
   * Maps amid zeros, which take the place of the convolution's padding.
   *
   * @param maps all of them
   * @param inside where the input is copied to
   * @param copy copies it
   */
  private record Framed(memory maps, memory inside, Step copy) {}

  private Convolution(UnitShape shape, Pass pass) {
    boolean frames = pass == Pass.WEIGHT_GRADIENT && wantsFrame(shape);
    long margin = shape.padding();
    x = frames ? framed(shape) : channelsLast(shape.inputShape());
    w = weights(shape, false);
    y = channelsLast(shape.outputShape());
    strides = new long[] {shape.stride(), shape.stride()};
    padding = frames ? new long[] {0, 0} : new long[] {margin, margin};
    b = shape.bias() ? floats(memory.format_tag.x, shape.outputs()) : new memory.desc();
    input = argument(channelsLast(shape.inputShape()));
    framed = frames ? Optional.of(frame(shape)) : Optional.empty();
    output = argument(y);
    bias = shape.bias() ? argument(b) : null;
    rowMajor = argument(weights(shape, true));
    var made =
        switch (pass) {
          case FORWARD -> forwards(attributes());
          case ACTIVATED -> forwards(attributes(activation(shape)));
          case INPUT_GRADIENT -> toInput();
          case WEIGHT_GRADIENT -> toWeights();
        };
    preferred = made.weights();
    convolve = made.step();
    weightBytes = preferred.get_desc().get_size();
    boolean back = pass == Pass.WEIGHT_GRADIENT;
    use = back ? Scratch.Use.WEIGHT_GRADIENT : Scratch.Use.WEIGHTS;
    reorder = back ? reorder(preferred, rowMajor, false) : reorder(rowMajor, preferred, false);
    addReordered = back ? reorder(preferred, rowMajor, true) : null;
  }

  static Convolution of(UnitShape shape, Pass pass) {
    return make(() -> new Convolution(shape, pass));
  }

  /**
   * Whether oneDNN would fall back to copies of patches and a product of matrices for each channel,
   * several times as slow: its kernel for depthwise weights wants maps as large as they are. Where
   * channels are mixed, the product is the faster one.
   */
  private static boolean wantsFrame(UnitShape shape) {
    boolean depthwise = shape.groups() == shape.inputs() && shape.groups() == shape.outputs();
    return depthwise && Math.min(shape.height(), shape.width()) < shape.kernel();
  }

  private static memory.desc framed(UnitShape shape) {
    long margin = 2L * shape.padding();
    return channelsLast(
        shape.batch(), shape.height() + margin, shape.width() + margin, shape.inputs());
  }

  private Framed frame(UnitShape shape) {
    long margin = shape.padding();
    var inside =
        argument(
            x.submemory_desc(
                new long[] {shape.batch(), shape.inputs(), shape.height(), shape.width()},
                new long[] {0, 0, margin, margin},
                false));
    return new Framed(argument(x), inside, reorder(input, inside, false));
  }

  private convolution_forward.primitive_desc forward(primitive_attr attributes) {
    var description =
        new convolution_forward.desc(
            dnnl_forward_training, dnnl_convolution_direct, x, w, b, y, strides, padding, padding);
    return new convolution_forward.primitive_desc(description, attributes, engine, false);
  }

  private static post_ops activation(UnitShape shape) {
    var operations = new post_ops();
    InferenceOneDnn.append(operations, shape.activation().orElseThrow());
    return operations;
  }

  /** A pass, and the weights in the order that it prefers. */
  private record Made(memory weights, Step step) {}

  private Made forwards(primitive_attr attributes) {
    var description = forward(attributes);
    var weights = argument(description.weights_desc());
    var step =
        step(
            new convolution_forward(description),
            description,
            DNNL_ARG_SRC,
            input,
            DNNL_ARG_WEIGHTS,
            weights,
            DNNL_ARG_BIAS,
            bias,
            DNNL_ARG_DST,
            output);
    return new Made(weights, step);
  }

  private Made toInput() {
    var description =
        new convolution_backward_data.primitive_desc(
            new convolution_backward_data.desc(
                dnnl_convolution_direct, x, w, y, strides, padding, padding),
            attributes(),
            engine,
            forward(attributes()),
            false);
    var weights = argument(description.weights_desc());
    var step =
        step(
            new convolution_backward_data(description),
            description,
            DNNL_ARG_DIFF_DST,
            output,
            DNNL_ARG_WEIGHTS,
            weights,
            DNNL_ARG_DIFF_SRC,
            input);
    return new Made(weights, step);
  }

  private Made toWeights() {
    var description =
        new convolution_backward_weights.primitive_desc(
            new convolution_backward_weights.desc(
                dnnl_convolution_direct, x, w, b, y, strides, padding, padding),
            attributes(),
            engine,
            forward(attributes()),
            false);
    var weights = argument(description.diff_weights_desc());
    var step =
        step(
            new convolution_backward_weights(description),
            description,
            DNNL_ARG_SRC,
            framed.map(Framed::maps).orElse(input),
            DNNL_ARG_DIFF_DST,
            output,
            DNNL_ARG_DIFF_WEIGHTS,
            weights,
            DNNL_ARG_DIFF_BIAS,
            bias);
    return new Made(weights, step);
  }

  private Step reorder(memory from, memory to, boolean add) {
    var operations = new post_ops();
    if (add) {
      operations.append_sum();
    }
    var description =
        new reorder.primitive_desc(
            engine, from.get_desc(), engine, to.get_desc(), attributes(operations), false);
    return step(new reorder(description), description, DNNL_ARG_FROM, from, DNNL_ARG_TO, to);
  }

  /** Convolves with row-major weights and the bias, if there is one: forward. */
  void run(Pointer inputAt, Pointer outputAt, Pointer weightsAt, Pointer biasAt, Scratch scratch) {
    if (bias != null) {
      bias.set_data_handle(biasAt);
    }
    run(inputAt, outputAt, weightsAt, scratch);
  }

  /** Convolves with row-major weights: to the input's gradient. */
  void run(Pointer inputAt, Pointer outputAt, Pointer weightsAt, Scratch scratch) {
    rowMajor.set_data_handle(weightsAt);
    prepare(inputAt, outputAt, scratch);
    reorder.run(scratch);
    convolve.run(scratch);
  }

  /** Computes the gradients of weights and bias, which {@link #store} then writes. */
  void gradient(Pointer inputAt, Pointer outputAt, Scratch scratch) {
    prepare(inputAt, outputAt, scratch);
    framed.ifPresent(frame -> fill(frame, scratch));
    if (bias != null) {
      bias.set_data_handle(scratch.memory(Scratch.Use.BIAS_GRADIENT, b.get_size()));
    }
    convolve.run(scratch);
  }

  private void fill(Framed frame, Scratch scratch) {
    var at = scratch.memory(Scratch.Use.FRAMED_INPUT, x.get_size());
    Pointer.memset(at, 0, x.get_size());
    frame.maps().set_data_handle(at);
    frame.inside().set_data_handle(at);
    scratchpads(scratch, frame.copy());
    frame.copy().run(scratch);
  }

  /** Writes the weights' gradient in row-major order, or adds it to what is there. */
  void store(Pointer weightsAt, boolean add, Scratch scratch) {
    rowMajor.set_data_handle(weightsAt);
    scratchpads(scratch, reorder, addReordered);
    (add ? addReordered : reorder).run(scratch);
  }

  /** Writes the bias's gradient, or adds it to what is there. */
  void storeBias(FloatBuffer target, boolean add) {
    var from = new FloatPointer(bias.get_data_handle()).capacity(target.capacity()).asBuffer();
    for (int c = 0; c < target.capacity(); c++) {
      target.put(c, from.get(c) + (add ? target.get(c) : 0));
    }
  }

  private void prepare(Pointer inputAt, Pointer outputAt, Scratch scratch) {
    input.set_data_handle(inputAt);
    output.set_data_handle(outputAt);
    preferred.set_data_handle(scratch.memory(use, weightBytes));
    scratchpads(scratch, reorder, convolve);
  }
}
