package dev.expanse.core.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;

/** A batch norm's gradients on the whole batch, {@code [N, H, W, C]}, by the batch's statistics. */
final class NormGradient extends Primitives {
  private final memory z;
  private final memory mean;
  private final memory variance;
  private final memory gammaBeta;
  private final memory du;
  private final memory dz;
  private final memory dGammaBeta;
  private final Step step;

  private NormGradient(UnitShape shape) {
    var values = channelsLast(shape.outputShape());
    var forward =
        new batch_normalization_forward.primitive_desc(
            new batch_normalization_forward.desc(
                dnnl_forward_training, values, shape.epsilon(), dnnl_use_scaleshift),
            engine,
            false);
    var description =
        new batch_normalization_backward.primitive_desc(
            new batch_normalization_backward.desc(
                dnnl_backward, values, values, shape.epsilon(), dnnl_use_scaleshift),
            attributes(),
            engine,
            forward,
            false);
    z = argument(values);
    du = argument(values);
    dz = argument(values);
    mean = argument(description.mean_desc());
    variance = argument(description.variance_desc());
    gammaBeta = argument(description.weights_desc());
    dGammaBeta = argument(description.diff_weights_desc());
    step =
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
            du,
            DNNL_ARG_DIFF_SRC,
            dz,
            DNNL_ARG_DIFF_SCALE_SHIFT,
            dGammaBeta);
  }

  static NormGradient of(UnitShape shape) {
    return make(() -> new NormGradient(shape));
  }

  /** From {@code du} to {@code dz}, which may be the same, and the gradient of gamma and beta. */
  void run(
      NormActivation.Norm norm,
      Pointer zAt,
      Pointer duAt,
      Pointer dzAt,
      Pointer dGammaBetaAt,
      Scratch scratch) {
    z.set_data_handle(zAt);
    du.set_data_handle(duAt);
    dz.set_data_handle(dzAt);
    mean.set_data_handle(norm.mean());
    variance.set_data_handle(norm.variance());
    gammaBeta.set_data_handle(norm.gammaBeta());
    dGammaBeta.set_data_handle(dGammaBetaAt);
    scratchpads(scratch, step);
    step.run(scratch);
  }
}
