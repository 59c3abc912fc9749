package dev.expanse.bench;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import java.util.Map;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.inner_product_backward_data;
import org.bytedeco.dnnl.inner_product_backward_weights;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;

/**
 * The primitives of a fully connected layer with bias. Weights are in whatever layout oneDNN likes
 * best, in each of the three.
 *
 * @param source layout of its input
 * @param weights dimensions of its weights
 * @param bias layout of its bias
 * @param result layout of its output
 */
record OneDnnInnerProduct(
    memory.desc source, memory.desc weights, memory.desc bias, memory.desc result) {

  /** From vectors of so many values to vectors of so many. */
  static OneDnnInnerProduct of(int batch, int inputs, int outputs) {
    return new OneDnnInnerProduct(
        OneDnnPlan.floats(memory.format_tag.nc, batch, inputs),
        OneDnnPlan.floats(memory.format_tag.any, outputs, inputs),
        OneDnnPlan.floats(memory.format_tag.x, outputs),
        OneDnnPlan.floats(memory.format_tag.nc, batch, outputs));
  }

  inner_product_forward.primitive_desc forward(int kind, primitive_attr attributes, engine cpu) {
    return new inner_product_forward.primitive_desc(
        new inner_product_forward.desc(kind, source, weights, bias, result),
        attributes,
        cpu,
        false);
  }

  OneDnnPlan plan(inner_product_forward.primitive_desc forward) {
    return new OneDnnPlan(
        new inner_product_forward(forward),
        Map.of(
            DNNL_ARG_SRC, forward.src_desc(),
            DNNL_ARG_WEIGHTS, forward.weights_desc(),
            DNNL_ARG_BIAS, bias,
            DNNL_ARG_DST, forward.dst_desc()));
  }

  OneDnnPlan backwardData(inner_product_forward.primitive_desc forward, engine cpu) {
    var backward =
        new inner_product_backward_data.primitive_desc(
            new inner_product_backward_data.desc(source, weights, result), cpu, forward, false);
    return new OneDnnPlan(
        new inner_product_backward_data(backward),
        Map.of(
            DNNL_ARG_DIFF_SRC, backward.diff_src_desc(),
            DNNL_ARG_WEIGHTS, backward.weights_desc(),
            DNNL_ARG_DIFF_DST, backward.diff_dst_desc()));
  }

  OneDnnPlan backwardWeights(inner_product_forward.primitive_desc forward, engine cpu) {
    var backward =
        new inner_product_backward_weights.primitive_desc(
            new inner_product_backward_weights.desc(source, weights, bias, result),
            cpu,
            forward,
            false);
    return new OneDnnPlan(
        new inner_product_backward_weights(backward),
        Map.of(
            DNNL_ARG_SRC, backward.src_desc(),
            DNNL_ARG_DIFF_WEIGHTS, backward.diff_weights_desc(),
            DNNL_ARG_DIFF_BIAS, bias,
            DNNL_ARG_DIFF_DST, backward.diff_dst_desc()));
  }
}
