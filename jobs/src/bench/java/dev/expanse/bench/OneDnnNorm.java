package dev.expanse.bench;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_MEAN;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCALE_SHIFT;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_VARIANCE;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WORKSPACE;
import static org.bytedeco.dnnl.global.dnnl.dnnl_backward;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_inference;
import static org.bytedeco.dnnl.global.dnnl.dnnl_forward_training;
import static org.bytedeco.dnnl.global.dnnl.dnnl_fuse_norm_relu;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_global_stats;
import static org.bytedeco.dnnl.global.dnnl.dnnl_use_scaleshift;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.batch_normalization_backward;
import org.bytedeco.dnnl.batch_normalization_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;

/**
 * The primitives of a batch norm.
 *
 * @param maps layout of its input and its output
 * @param epsilon added to the variance
 * @param relu whether the rectifier behind it is computed with it
 */
record OneDnnNorm(memory.desc maps, float epsilon, boolean relu) {

  /** On the statistics given. */
  OneDnnPlan inference(engine cpu) {
    return plan(forward(dnnl_forward_inference, flags() | dnnl_use_global_stats, cpu));
  }

  /** On the statistics of the maps, and backward. */
  List<OneDnnPlan> training(engine cpu) {
    var forward = forward(dnnl_forward_training, flags(), cpu);
    var backward =
        new batch_normalization_backward.primitive_desc(
            new batch_normalization_backward.desc(dnnl_backward, maps, maps, epsilon, flags()),
            cpu,
            forward,
            false);
    var arguments = new HashMap<>(read(forward));
    arguments.put(DNNL_ARG_DIFF_DST, backward.diff_dst_desc());
    arguments.put(DNNL_ARG_DIFF_SRC, backward.diff_src_desc());
    arguments.put(DNNL_ARG_DIFF_SCALE_SHIFT, backward.diff_weights_desc());
    var there = plan(forward);
    var back = new OneDnnPlan(new batch_normalization_backward(backward), arguments);
    if (!relu) {
      return List.of(there, back);
    }
    var workspace = forward.workspace_desc();
    return List.of(
        there.with(DNNL_ARG_WORKSPACE, workspace), back.with(DNNL_ARG_WORKSPACE, workspace));
  }

  private int flags() {
    return dnnl_use_scaleshift | (relu ? dnnl_fuse_norm_relu : 0);
  }

  private batch_normalization_forward.primitive_desc forward(int kind, int flags, engine cpu) {
    return new batch_normalization_forward.primitive_desc(
        new batch_normalization_forward.desc(kind, maps, epsilon, flags), cpu, false);
  }

  private static OneDnnPlan plan(batch_normalization_forward.primitive_desc forward) {
    return new OneDnnPlan(new batch_normalization_forward(forward), read(forward))
        .with(DNNL_ARG_DST, forward.dst_desc());
  }

  private static Map<Integer, memory.desc> read(
      batch_normalization_forward.primitive_desc forward) {
    return Map.of(
        DNNL_ARG_SRC, forward.src_desc(),
        DNNL_ARG_MEAN, forward.mean_desc(),
        DNNL_ARG_VARIANCE, forward.variance_desc(),
        DNNL_ARG_SCALE_SHIFT, forward.weights_desc());
  }
}
