package dev.expanse.bench;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.dnnl_convolution_direct;

import dev.expanse.core.network.Operation;
import java.util.Map;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;

/**
 * The primitives of a convolution. Weights are in whatever layout oneDNN likes best, in each of the
 * three.
 *
 * @param operation the convolution
 * @param source layout of its input
 * @param weights dimensions of its weights
 * @param bias layout of its bias, an empty one where it has none
 * @param result layout of its output
 */
record OneDnnConvolution(
    Operation.Convolution operation,
    memory.desc source,
    memory.desc weights,
    memory.desc bias,
    memory.desc result) {

  /**
   * A convolution of maps.
   *
   * @param inputs channels of the maps
   */
  static OneDnnConvolution of(
      Operation.Convolution operation, int inputs, memory.desc source, memory.desc result) {
    long channels = operation.channels();
    long groups = operation.groups();
    long kernel = operation.kernel();
    var any = memory.format_tag.any;
    var weights =
        groups == 1
            ? OneDnnPlan.floats(any, channels, inputs, kernel, kernel)
            : OneDnnPlan.floats(any, groups, channels / groups, inputs / groups, kernel, kernel);
    var bias =
        operation.bias() ? OneDnnPlan.floats(memory.format_tag.x, channels) : new memory.desc();
    return new OneDnnConvolution(operation, source, weights, bias, result);
  }

  convolution_forward.primitive_desc forward(int kind, primitive_attr attributes, engine cpu) {
    return new convolution_forward.primitive_desc(
        new convolution_forward.desc(
            kind,
            dnnl_convolution_direct,
            source,
            weights,
            bias,
            result,
            strides(),
            padding(),
            padding()),
        attributes,
        cpu,
        false);
  }

  OneDnnPlan plan(convolution_forward.primitive_desc forward) {
    var plan =
        new OneDnnPlan(
            new convolution_forward(forward),
            Map.of(
                DNNL_ARG_SRC, forward.src_desc(),
                DNNL_ARG_WEIGHTS, forward.weights_desc(),
                DNNL_ARG_DST, forward.dst_desc()));
    return operation.bias() ? plan.with(DNNL_ARG_BIAS, bias) : plan;
  }

  OneDnnPlan backwardData(convolution_forward.primitive_desc forward, engine cpu) {
    var backward =
        new convolution_backward_data.primitive_desc(
            new convolution_backward_data.desc(
                dnnl_convolution_direct, source, weights, result, strides(), padding(), padding()),
            cpu,
            forward,
            false);
    return new OneDnnPlan(
        new convolution_backward_data(backward),
        Map.of(
            DNNL_ARG_DIFF_SRC, backward.diff_src_desc(),
            DNNL_ARG_WEIGHTS, backward.weights_desc(),
            DNNL_ARG_DIFF_DST, backward.diff_dst_desc()));
  }

  OneDnnPlan backwardWeights(convolution_forward.primitive_desc forward, engine cpu) {
    var backward =
        new convolution_backward_weights.primitive_desc(
            new convolution_backward_weights.desc(
                dnnl_convolution_direct,
                source,
                weights,
                bias,
                result,
                strides(),
                padding(),
                padding()),
            cpu,
            forward,
            false);
    var plan =
        new OneDnnPlan(
            new convolution_backward_weights(backward),
            Map.of(
                DNNL_ARG_SRC, backward.src_desc(),
                DNNL_ARG_DIFF_WEIGHTS, backward.diff_weights_desc(),
                DNNL_ARG_DIFF_DST, backward.diff_dst_desc()));
    return operation.bias() ? plan.with(DNNL_ARG_DIFF_BIAS, bias) : plan;
  }

  private long[] strides() {
    return new long[] {operation.stride(), operation.stride()};
  }

  private long[] padding() {
    return new long[] {operation.padding(), operation.padding()};
  }
}
