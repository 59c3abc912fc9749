package dev.expanse.core.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.Pointer;

/**
 * Convolution, batch norm and activation. In training the convolution's output is kept and the norm
 * takes the batch's statistics; in inference everything after the convolution is done in place, by
 * the running statistics.
 */
final class ForwardPrimitives extends Primitives {
  private final memory x;
  private final memory plainWeights;
  private final memory weights;
  private final memory z;
  private final memory y;
  private final memory gammaBeta;
  private final memory mean;
  private final memory variance;
  private final long weightBytes;
  private final Step reorderWeights;
  private final Step convolve;
  private final Step normalize;
  private final Step activate;

  private ForwardPrimitives(UnitShape shape, boolean training) {
    int kind = training ? dnnl_forward_training : dnnl_forward_inference;
    var output = channelsLast(shape.outputShape());

    var convolution = convolution(shape, kind);
    x = argument(channelsLast(shape.inputShape()));
    plainWeights = argument(weights(shape, true));
    weights = argument(convolution.weights_desc());
    z = argument(output);
    weightBytes = convolution.weights_desc().get_size();
    var reorder =
        new reorder.primitive_desc(
            engine, plainWeights.get_desc(), engine, weights.get_desc(), attributes(), false);
    reorderWeights =
        step(new reorder(reorder), reorder, DNNL_ARG_FROM, plainWeights, DNNL_ARG_TO, weights);
    convolve =
        step(
            new convolution_forward(convolution),
            convolution,
            DNNL_ARG_SRC,
            x,
            DNNL_ARG_WEIGHTS,
            weights,
            DNNL_ARG_DST,
            z);

    var norm = norm(shape, kind, output);
    y = argument(output);
    gammaBeta = argument(norm.weights_desc());
    mean = argument(norm.mean_desc());
    variance = argument(norm.variance_desc());
    normalize =
        step(
            new batch_normalization_forward(norm),
            norm,
            DNNL_ARG_SRC,
            z,
            DNNL_ARG_DST,
            y,
            DNNL_ARG_MEAN,
            mean,
            DNNL_ARG_VARIANCE,
            variance,
            DNNL_ARG_SCALE_SHIFT,
            gammaBeta);
    activate = activation(shape, kind, output);
  }

  static ForwardPrimitives of(UnitShape shape, boolean training) {
    return make(() -> new ForwardPrimitives(shape, training));
  }

  private convolution_forward.primitive_desc convolution(UnitShape shape, int kind) {
    long[] strides = {shape.stride(), shape.stride()};
    long[] padding = {shape.padding(), shape.padding()};
    var description =
        new convolution_forward.desc(
            kind,
            dnnl_convolution_direct,
            channelsLast(shape.inputShape()),
            weights(shape, false),
            channelsLast(shape.outputShape()),
            strides,
            padding,
            padding);
    return new convolution_forward.primitive_desc(description, attributes(), engine, false);
  }

  private batch_normalization_forward.primitive_desc norm(
      UnitShape shape, int kind, memory.desc output) {
    int flags = dnnl_use_scaleshift | (kind == dnnl_forward_training ? 0 : dnnl_use_global_stats);
    return new batch_normalization_forward.primitive_desc(
        new batch_normalization_forward.desc(kind, output, shape.epsilon(), flags),
        attributes(),
        engine,
        false);
  }

  private Step activation(UnitShape shape, int kind, memory.desc output) {
    if (shape.activation().isEmpty()) {
      return null;
    }
    var function = shape.activation().get();
    var bounds = parameters(function);
    var description =
        new eltwise_forward.primitive_desc(
            new eltwise_forward.desc(kind, algorithm(function), output, bounds[0], bounds[1]),
            attributes(),
            engine,
            false);
    return step(new eltwise_forward(description), description, DNNL_ARG_SRC, y, DNNL_ARG_DST, y);
  }

  /** Addresses of {@link UnitShape}'s arrays; in inference {@code z} is the output, too. */
  record Addresses(
      Pointer x,
      Pointer weights,
      Pointer gammaBeta,
      Pointer mean,
      Pointer variance,
      Pointer z,
      Pointer y) {}

  void run(Addresses at, Scratch scratch) {
    x.set_data_handle(at.x());
    plainWeights.set_data_handle(at.weights());
    gammaBeta.set_data_handle(at.gammaBeta());
    mean.set_data_handle(at.mean());
    variance.set_data_handle(at.variance());
    z.set_data_handle(at.z());
    y.set_data_handle(at.y());
    weights.set_data_handle(scratch.memory(Scratch.Use.WEIGHTS, weightBytes));
    scratchpads(scratch, reorderWeights, convolve, normalize, activate);
    reorderWeights.run(scratch);
    convolve.run(scratch);
    normalize.run(scratch);
    if (activate != null) {
      activate.run(scratch);
    }
  }
}
