package dev.expanse.core.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import dev.expanse.core.network.Operation.Activation;
import java.util.Optional;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.javacpp.Pointer;

/**
 * A batch norm by given statistics, with activation, on so many pixels, {@code [pixels, channels]}:
 * few enough that the activation finds in the cache what the norm has written.
 */
final class NormActivation extends Primitives {
  private final memory z;
  private final memory y;
  private final memory mean;
  private final memory variance;
  private final memory gammaBeta;
  private final Step normalize;
  private final Step activate;

  /**
   * On what.
   *
   * @param pixels how many pixels
   * @param channels channels of a pixel
   * @param activation the function after the norm, if any
   * @param epsilon added to the variance
   */
  record Key(long pixels, int channels, Optional<Activation.Function> activation, float epsilon) {}

  private NormActivation(Key key) {
    var pixels = pixels(key.pixels(), key.channels());
    var norm =
        new batch_normalization_forward.primitive_desc(
            new batch_normalization_forward.desc(
                dnnl_forward_inference,
                pixels,
                key.epsilon(),
                dnnl_use_scaleshift | dnnl_use_global_stats),
            attributes(),
            engine,
            false);
    z = argument(pixels);
    y = argument(pixels);
    mean = argument(norm.mean_desc());
    variance = argument(norm.variance_desc());
    gammaBeta = argument(norm.weights_desc());
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
    activate = key.activation().map(function -> activate(pixels, function)).orElse(null);
  }

  private Step activate(memory.desc pixels, Activation.Function function) {
    var bounds = parameters(function);
    var forward =
        new eltwise_forward.primitive_desc(
            new eltwise_forward.desc(
                dnnl_forward_training, algorithm(function), pixels, bounds[0], bounds[1]),
            attributes(),
            engine,
            false);
    return step(new eltwise_forward(forward), forward, DNNL_ARG_SRC, y, DNNL_ARG_DST, y);
  }

  static NormActivation of(Key key) {
    return make(() -> new NormActivation(key));
  }

  /** Where a norm's parameters and statistics are. */
  record Norm(Pointer gammaBeta, Pointer mean, Pointer variance) {}

  /** From {@code z} to {@code y}, which may be the same. */
  void run(Norm norm, Pointer zAt, Pointer yAt, Scratch scratch) {
    z.set_data_handle(zAt);
    y.set_data_handle(yAt);
    mean.set_data_handle(norm.mean());
    variance.set_data_handle(norm.variance());
    gammaBeta.set_data_handle(norm.gammaBeta());
    scratchpads(scratch, normalize, activate);
    normalize.run(scratch);
    if (activate != null) {
      activate.run(scratch);
    }
  }
}
