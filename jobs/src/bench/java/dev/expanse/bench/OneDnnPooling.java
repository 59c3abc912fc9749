package dev.expanse.bench;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_avg_exclude_padding;
import static org.bytedeco.dnnl.global.dnnl.dnnl_pooling_max;

import dev.expanse.core.network.Shape;
import dev.expanse.core.network.Window;
import java.util.Map;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_backward;
import org.bytedeco.dnnl.pooling_forward;

/**
 * The primitives of a pooling; all arrays are of height and width.
 *
 * @param max whether it takes the greatest value, else the mean
 * @param kernel sides of its window
 * @param strides its steps
 * @param before by how much it stands out above and on the left
 * @param after by how much it stands out below and on the right
 */
record OneDnnPooling(boolean max, long[] kernel, long[] strides, long[] before, long[] after) {

  /** A window that moves over maps of that shape. */
  static OneDnnPooling of(boolean max, Window window, Shape map) {
    // oneDNN takes no negative padding where no window reaches the last rows
    long[] after = {
      Math.max(0, window.paddingAtEnd(map.height())), Math.max(0, window.paddingAtEnd(map.width()))
    };
    return new OneDnnPooling(
        max, both(window.kernel()), both(window.stride()), both(window.padding()), after);
  }

  /** The mean of maps of that shape. */
  static OneDnnPooling global(Shape map) {
    long[] whole = {map.height(), map.width()};
    return new OneDnnPooling(false, whole, whole, both(0), both(0));
  }

  private static long[] both(long value) {
    return new long[] {value, value};
  }

  private int algorithm() {
    return max ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding;
  }

  pooling_forward.primitive_desc forward(int kind, memory.desc from, memory.desc to, engine cpu) {
    return new pooling_forward.primitive_desc(
        new pooling_forward.desc(kind, algorithm(), from, to, strides, kernel, before, after),
        cpu,
        false);
  }

  /**
   * As in inference, or in training: then the greatest values' places are kept.
   *
   * @param trained whether it is for training
   */
  OneDnnPlan plan(pooling_forward.primitive_desc forward, boolean trained) {
    var plan =
        new OneDnnPlan(
            new pooling_forward(forward),
            Map.of(DNNL_ARG_SRC, forward.src_desc(), DNNL_ARG_DST, forward.dst_desc()));
    return max && trained ? plan.with(DNNL_ARG_WORKSPACE, forward.workspace_desc()) : plan;
  }

  OneDnnPlan backward(
      pooling_forward.primitive_desc forward, memory.desc from, memory.desc to, engine cpu) {
    var backward =
        new pooling_backward.primitive_desc(
            new pooling_backward.desc(algorithm(), from, to, strides, kernel, before, after),
            cpu,
            forward,
            false);
    var plan =
        new OneDnnPlan(
            new pooling_backward(backward),
            Map.of(
                DNNL_ARG_DIFF_SRC, backward.diff_src_desc(),
                DNNL_ARG_DIFF_DST, backward.diff_dst_desc()));
    return max ? plan.with(DNNL_ARG_WORKSPACE, forward.workspace_desc()) : plan;
  }
}
