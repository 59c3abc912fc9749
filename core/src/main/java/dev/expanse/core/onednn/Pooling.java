package dev.expanse.core.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.javacpp.Pointer;

/** The pooling of some images, forward or backward. */
final class Pooling extends Primitives {
  /** Those that no call is using. */
  static final Reserve<Key, Pooling> IDLE = new Reserve<>(UnitPart.KEPT, Pooling::of);

  private final memory input;
  private final memory output;
  private final memory kept;
  private final Step step;

  /**
   * On what.
   *
   * @param shape of the pool
   * @param batch images at once
   * @param backward from the output's gradient to the input's
   */
  record Key(PoolShape shape, int batch, boolean backward) {}

  private Pooling(Key key) {
    var shape = key.shape();
    var x = channelsLast(shape.inputShape(key.batch()));
    var y = channelsLast(shape.outputShape(key.batch()));
    int algorithm = shape.maximum() ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding;
    long[] kernel = shape.window().kernel().toArray();
    long[] strides = shape.window().strides().toArray();
    long[] before = shape.window().before().toArray();
    long[] after = shape.window().after().toArray();
    var forward =
        new pooling_forward.primitive_desc(
            new pooling_forward.desc(
                dnnl_forward_training, algorithm, x, y, strides, kernel, before, after),
            attributes(),
            engine,
            false);
    input = argument(x);
    output = argument(y);
    kept = shape.maximum() ? argument(forward.workspace_desc()) : null;
    step =
        key.backward()
            ? backward(
                new pooling_backward.primitive_desc(
                    new pooling_backward.desc(algorithm, x, y, strides, kernel, before, after),
                    attributes(),
                    engine,
                    forward,
                    false))
            : forward(forward);
  }

  private Step forward(pooling_forward.primitive_desc description) {
    return step(
        new pooling_forward(description),
        description,
        DNNL_ARG_SRC,
        input,
        DNNL_ARG_DST,
        output,
        DNNL_ARG_WORKSPACE,
        kept);
  }

  private Step backward(pooling_backward.primitive_desc description) {
    return step(
        new pooling_backward(description),
        description,
        DNNL_ARG_DIFF_DST,
        output,
        DNNL_ARG_DIFF_SRC,
        input,
        DNNL_ARG_WORKSPACE,
        kept);
  }

  static Pooling of(Key key) {
    return make(() -> new Pooling(key));
  }

  /** Pools, or takes a gradient back; {@code keptAt} is null unless a maximum is taken. */
  void run(Pointer inputAt, Pointer outputAt, Pointer keptAt, Scratch scratch) {
    input.set_data_handle(inputAt);
    output.set_data_handle(outputAt);
    if (kept != null) {
      kept.set_data_handle(keptAt);
    }
    scratchpads(scratch, step);
    step.run(scratch);
  }
}
