package dev.expanse.core.onednn;

import dev.expanse.core.network.Weights;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import dev.expanse.core.onednn.InferenceKernel.Activation;
import dev.expanse.core.onednn.InferenceKernel.Argument;
import dev.expanse.core.onednn.InferenceKernel.Constant;
import dev.expanse.core.onednn.InferenceKernel.Images;
import dev.expanse.core.onednn.InferenceStep.Convolve;
import java.util.List;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;

/** Makes kernels of convolutions. */
final class InferenceConvolutions {
  private final InferenceOneDnn oneDnn;
  private final InferenceTuning tuning;
  private final Weights trained;
  private final Choice choice;

  InferenceConvolutions(InferenceOneDnn oneDnn, Weights trained, Choice choice) {
    this.choice = choice;
    this.oneDnn = oneDnn;
    this.tuning = new InferenceTuning(oneDnn);
    this.trained = trained;
  }

  /** A convolution with all its post-operations. */
  InferenceKernel kernel(Convolve step, Images images) {
    var description = fastest(step, images.each());
    return InferenceKernel.of(
        new convolution_forward(description),
        description,
        images,
        step.result().shortcut(),
        arguments(step, description));
  }

  /** Whether oneDNN has generated code for a convolution with all its post-operations. */
  boolean isFast(Convolve step, Images images) {
    return !InferenceOneDnn.implementation(fastest(step, images.each())).startsWith("ref");
  }

  private convolution_forward.primitive_desc fastest(Convolve step, int images) {
    return switch (choice) {
      case FASTEST -> tuning.fastest(step, images, () -> description(step, images));
      case REPEATABLE -> description(step, images);
    };
  }

  private convolution_forward.primitive_desc description(Convolve step, int images) {
    var shape = step.filter().shape();
    long[] strides = {shape.stride(), shape.stride()};
    long[] padding = {shape.padding(), shape.padding()};
    return new convolution_forward.primitive_desc(
        new convolution_forward.desc(
            dnnl.dnnl_forward_inference,
            dnnl.dnnl_convolution_direct,
            oneDnn.activations(step.input(), images),
            weights(step, memory.format_tag.any),
            oneDnn.floats(memory.format_tag.a, shape.channels()),
            oneDnn.activations(step.output(), images),
            strides,
            padding,
            padding),
        oneDnn.attributes(step.result()),
        oneDnn.engine(),
        false);
  }

  private List<Argument> arguments(Convolve step, convolution_forward.primitive_desc description) {
    var folded = step.filter().fold(trained);
    var weights = oneDnn.constant(folded.weights(), given(step), description.weights_desc());
    return List.of(
        new Activation(dnnl.DNNL_ARG_SRC, step.input(), description.src_desc()),
        new Constant(dnnl.DNNL_ARG_WEIGHTS, weights),
        new Constant(dnnl.DNNL_ARG_BIAS, bias(folded.bias())),
        new Activation(dnnl.DNNL_ARG_DST, step.output(), description.dst_desc()));
  }

  private memory bias(float[] bias) {
    var description = oneDnn.floats(memory.format_tag.a, bias.length);
    return oneDnn.constant(bias, description, description);
  }

  private memory.desc given(Convolve step) {
    boolean grouped = step.filter().shape().groups() > 1;
    return weights(step, grouped ? memory.format_tag.goihw : memory.format_tag.oihw);
  }

  private memory.desc weights(Convolve step, memory.format_tag layout) {
    var shape = step.filter().shape();
    int groups = shape.groups();
    int kernel = shape.kernel();
    long inputs = step.filter().inputs() / groups;
    return groups == 1
        ? oneDnn.floats(layout, shape.channels(), inputs, kernel, kernel)
        : oneDnn.floats(layout, groups, shape.channels() / groups, inputs, kernel, kernel);
  }
}
