package dev.expanse.core.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.Pointer;

/**
 * The gradients of {@link ForwardPrimitives} in training: through the activation and the norm in
 * scratch memory, then of the weights, and of the input where it is asked for.
 */
final class BackwardPrimitives extends Primitives {
  private final UnitShape shape;
  private final memory.desc input;
  private final memory.desc output;
  private final memory x;
  private final memory y;
  private final memory z;
  private final memory gammaBeta;
  private final memory mean;
  private final memory variance;
  private final memory plainWeights;
  private final memory dy;
  private final memory dz;
  private final memory dGammaBeta;
  private final memory dPlainWeights;
  private final memory dx;
  private final Step activation;
  private final Step norm;
  private final Reordered weights;
  private final Reordered data;

  /** A convolution's step, with the one that brings weights into its order or back. */
  private record Reordered(Step convolution, Step reorder, memory weights, long weightBytes) {}

  private BackwardPrimitives(UnitShape shape) {
    this.shape = shape;
    input = channelsLast(shape.inputShape());
    output = channelsLast(shape.outputShape());
    x = argument(input);
    dx = argument(input);
    y = argument(output);
    z = argument(output);
    dy = argument(output);
    dz = argument(output);
    plainWeights = argument(weights(shape, true));
    dPlainWeights = argument(weights(shape, true));
    activation = activation();

    var description = normDescription();
    gammaBeta = argument(description.weights_desc());
    dGammaBeta = argument(description.diff_weights_desc());
    mean = argument(description.mean_desc());
    variance = argument(description.variance_desc());
    norm =
        step(
            new batch_normalization_backward(description),
            description,
            DNNL_ARG_SRC,
            z,
            DNNL_ARG_MEAN,
            mean,
            DNNL_ARG_VARIANCE,
            variance,
            DNNL_ARG_SCALE_SHIFT,
            gammaBeta,
            DNNL_ARG_DIFF_DST,
            activation == null ? dy : dz,
            DNNL_ARG_DIFF_SRC,
            dz,
            DNNL_ARG_DIFF_SCALE_SHIFT,
            dGammaBeta);

    var forward = forward();
    weights = ofWeights(forward);
    data = ofData(forward);
  }

  static BackwardPrimitives of(UnitShape shape) {
    return make(() -> new BackwardPrimitives(shape));
  }

  private Step activation() {
    if (shape.activation().isEmpty()) {
      return null;
    }
    var function = shape.activation().get();
    var bounds = parameters(function);
    int algorithm = algorithm(function);
    var hint =
        new eltwise_forward.primitive_desc(
            new eltwise_forward.desc(
                dnnl_forward_training, algorithm, output, bounds[0], bounds[1]),
            engine,
            false);
    var description =
        new eltwise_backward.primitive_desc(
            new eltwise_backward.desc(algorithm, output, output, bounds[0], bounds[1]),
            attributes(),
            engine,
            hint,
            false);
    return step(
        new eltwise_backward(description),
        description,
        DNNL_ARG_DST,
        y,
        DNNL_ARG_DIFF_DST,
        dy,
        DNNL_ARG_DIFF_SRC,
        dz);
  }

  private batch_normalization_backward.primitive_desc normDescription() {
    var hint =
        new batch_normalization_forward.primitive_desc(
            new batch_normalization_forward.desc(
                dnnl_forward_training, output, shape.epsilon(), dnnl_use_scaleshift),
            engine,
            false);
    return new batch_normalization_backward.primitive_desc(
        new batch_normalization_backward.desc(
            dnnl_backward, output, output, shape.epsilon(), dnnl_use_scaleshift),
        attributes(),
        engine,
        hint,
        false);
  }

  private convolution_forward.primitive_desc forward() {
    return new convolution_forward.primitive_desc(
        new convolution_forward.desc(
            dnnl_forward_training,
            dnnl_convolution_direct,
            input,
            weights(shape, false),
            output,
            strides(),
            padding(),
            padding()),
        engine,
        false);
  }

  private Reordered ofWeights(convolution_forward.primitive_desc hint) {
    var description =
        new convolution_backward_weights.primitive_desc(
            new convolution_backward_weights.desc(
                dnnl_convolution_direct,
                input,
                weights(shape, false),
                output,
                strides(),
                padding(),
                padding()),
            attributes(),
            engine,
            hint,
            false);
    var gradient = argument(description.diff_weights_desc());
    var convolution =
        step(
            new convolution_backward_weights(description),
            description,
            DNNL_ARG_SRC,
            x,
            DNNL_ARG_DIFF_DST,
            dz,
            DNNL_ARG_DIFF_WEIGHTS,
            gradient);
    return new Reordered(
        convolution,
        reorder(gradient, dPlainWeights),
        gradient,
        description.diff_weights_desc().get_size());
  }

  private Reordered ofData(convolution_forward.primitive_desc hint) {
    var description =
        new convolution_backward_data.primitive_desc(
            new convolution_backward_data.desc(
                dnnl_convolution_direct,
                input,
                weights(shape, false),
                output,
                strides(),
                padding(),
                padding()),
            attributes(),
            engine,
            hint,
            false);
    var reordered = argument(description.weights_desc());
    var convolution =
        step(
            new convolution_backward_data(description),
            description,
            DNNL_ARG_DIFF_DST,
            dz,
            DNNL_ARG_WEIGHTS,
            reordered,
            DNNL_ARG_DIFF_SRC,
            dx);
    return new Reordered(
        convolution,
        reorder(plainWeights, reordered),
        reordered,
        description.weights_desc().get_size());
  }

  private Step reorder(memory from, memory to) {
    var description =
        new reorder.primitive_desc(
            engine, from.get_desc(), engine, to.get_desc(), attributes(), false);
    return step(new reorder(description), description, DNNL_ARG_FROM, from, DNNL_ARG_TO, to);
  }

  private long[] strides() {
    return new long[] {shape.stride(), shape.stride()};
  }

  private long[] padding() {
    return new long[] {shape.padding(), shape.padding()};
  }

  /** Addresses of what the forward pass took and gave, and of the output's gradient. */
  record Given(
      Pointer x,
      Pointer weights,
      Pointer gammaBeta,
      Pointer mean,
      Pointer variance,
      Pointer z,
      Pointer y,
      Pointer dy) {}

  /** Addresses of the gradients to write; {@code dx} may be null. */
  record Wanted(Pointer dWeights, Pointer dGammaBeta, Pointer dx) {}

  void run(Given given, Wanted wanted, Scratch scratch) {
    x.set_data_handle(given.x());
    y.set_data_handle(given.y());
    z.set_data_handle(given.z());
    dy.set_data_handle(given.dy());
    gammaBeta.set_data_handle(given.gammaBeta());
    mean.set_data_handle(given.mean());
    variance.set_data_handle(given.variance());
    dGammaBeta.set_data_handle(wanted.dGammaBeta());
    dPlainWeights.set_data_handle(wanted.dWeights());
    dz.set_data_handle(scratch.memory(Scratch.Use.GRADIENT, output.get_size()));
    scratchpads(
        scratch,
        activation,
        norm,
        weights.convolution(),
        weights.reorder(),
        data.convolution(),
        data.reorder());
    if (activation != null) {
      activation.run(scratch);
    }
    norm.run(scratch);
    weights.weights().set_data_handle(scratch.memory(Scratch.Use.WEIGHTS, weights.weightBytes()));
    weights.convolution().run(scratch);
    weights.reorder().run(scratch);
    if (wanted.dx() != null) {
      inputGradient(given.weights(), wanted.dx(), scratch);
    }
  }

  private void inputGradient(Pointer weightsAt, Pointer dxAt, Scratch scratch) {
    plainWeights.set_data_handle(weightsAt);
    dx.set_data_handle(dxAt);
    data.weights().set_data_handle(scratch.memory(Scratch.Use.WEIGHTS, data.weightBytes()));
    data.reorder().run(scratch);
    data.convolution().run(scratch);
  }
}
