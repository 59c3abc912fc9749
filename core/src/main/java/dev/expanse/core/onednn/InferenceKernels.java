package dev.expanse.core.onednn;

import dev.expanse.core.network.Weights;
import dev.expanse.core.network.Weights.Parameter;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import dev.expanse.core.onednn.InferenceKernel.Activation;
import dev.expanse.core.onednn.InferenceKernel.Constant;
import dev.expanse.core.onednn.InferenceStep.Accumulate;
import dev.expanse.core.onednn.InferenceStep.Convolve;
import dev.expanse.core.onednn.InferenceValue.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.softmax_forward;

/** Makes the kernels of all steps, one or more for each. */
final class InferenceKernels implements InferenceStep.Visitor {
  private final InferenceOneDnn oneDnn = new InferenceOneDnn();
  private final InferenceConvolutions convolutions;
  private final Weights trained;
  private final int[] chunks;
  private final Map<InferenceValue, Integer> lastReaders = new HashMap<>();
  private final List<InferenceKernel> kernels = new ArrayList<>();
  private int index;

  private InferenceKernels(
      List<InferenceStep> steps, int[] chunks, Weights trained, Choice choice) {
    this.convolutions = new InferenceConvolutions(oneDnn, trained, choice);
    this.trained = trained;
    this.chunks = chunks;
    for (int i = 0; i < steps.size(); i++) {
      for (var input : steps.get(i).inputs()) {
        lastReaders.put(input, i);
      }
    }
  }

  /**
   * The kernels in the order of the steps.
   *
   * @param chunks how many images each step takes at once
   * @throws IllegalArgumentException if oneDNN has none for a step; the message names it
   */
  static List<InferenceKernel> of(
      List<InferenceStep> steps, int[] chunks, Weights trained, Choice choice) {
    var maker = new InferenceKernels(steps, chunks, trained, choice);
    for (var step : steps) {
      try {
        step.accept(maker);
      } catch (IllegalArgumentException e) {
        throw e;
      } catch (RuntimeException e) { // which is how oneDNN's errors arrive
        throw new IllegalArgumentException(
            "Cannot compile " + step.output() + ": oneDNN says " + e.getMessage(), e);
      }
      maker.index++;
    }
    return List.copyOf(maker.kernels);
  }

  @Override
  public void visit(Convolve step) {
    int sum = indexOfSum(step);
    if (sum < 0) {
      kernels.add(convolutions.kernel(step, images()));
      return;
    }
    var shortcut = ((Accumulate) step.postOperations().get(sum)).shortcut();
    var fused =
        mayOverwrite(shortcut) && shortcut != step.input()
            ? convolutions.fastKernel(step, images())
            : Optional.<InferenceKernel>empty();
    fused.ifPresentOrElse(kernels::add, () -> convolveThenAdd(step, sum));
  }

  private static int indexOfSum(Convolve step) {
    for (int i = 0; i < step.postOperations().size(); i++) {
      if (step.postOperations().get(i) instanceof Accumulate) {
        return i;
      }
    }
    return -1;
  }

  private void convolveThenAdd(Convolve step, int sum) {
    var convolution = step.first(sum);
    kernels.add(convolutions.kernel(convolution, images()));
    var accumulate = (Accumulate) step.postOperations().get(sum);
    var last = accumulate.output();
    visit(new InferenceStep.Add(convolution.output(), accumulate.shortcut(), last));
    for (var operation : step.postOperations().subList(sum + 1, step.postOperations().size())) {
      var function = ((InferenceStep.Apply) operation).function();
      visit(new InferenceStep.Activate(last, function, operation.output()));
      last = operation.output();
    }
  }

  /** How many images the current step takes at once. */
  private int images() {
    return chunks[index];
  }

  /** Whether the current step is the last to read a value, which is not the caller's. */
  private boolean mayOverwrite(InferenceValue value) {
    return value.place() == Place.ARENA && lastReaders.getOrDefault(value, index) <= index;
  }

  @Override
  public void visit(InferenceStep.Add step) {
    var layout = oneDnn.activations(step.output(), images());
    var description =
        new binary.primitive_desc(
            new binary.desc(dnnl.dnnl_binary_add, layout, layout, layout),
            oneDnn.attributes(new post_ops()),
            oneDnn.engine(),
            false);
    var overwritten = step.inputs().stream().filter(this::mayOverwrite).findFirst();
    kernels.add(
        InferenceOneDnn.kernel(
            new binary(description),
            description,
            images(),
            overwritten,
            List.of(
                new Activation(dnnl.DNNL_ARG_SRC_0, step.left(), layout),
                new Activation(dnnl.DNNL_ARG_SRC_1, step.right(), layout),
                new Activation(dnnl.DNNL_ARG_DST, step.output(), layout))));
  }

  @Override
  public void visit(InferenceStep.Activate step) {
    var layout = oneDnn.activations(step.output(), images());
    var description =
        new eltwise_forward.primitive_desc(
            new eltwise_forward.desc(
                dnnl.dnnl_forward_inference,
                InferenceOneDnn.algorithm(step.function()),
                layout,
                InferenceOneDnn.alpha(step.function()),
                0),
            oneDnn.attributes(new post_ops()),
            oneDnn.engine(),
            false);
    kernels.add(
        InferenceOneDnn.kernel(
            new eltwise_forward(description),
            description,
            images(),
            Optional.of(step.input()).filter(this::mayOverwrite),
            List.of(
                new Activation(dnnl.DNNL_ARG_SRC, step.input(), layout),
                new Activation(dnnl.DNNL_ARG_DST, step.output(), layout))));
  }

  @Override
  public void visit(InferenceStep.Pool step) {
    int images = images();
    var shape = step.input().shape();
    long[] kernel = {shape.height(), shape.width()};
    long[] padding = {0, 0};
    var from = oneDnn.activations(step.input(), images);
    var to = oneDnn.activations(step.output(), images);
    var description =
        new pooling_forward.primitive_desc(
            new pooling_forward.desc(
                dnnl.dnnl_forward_inference,
                dnnl.dnnl_pooling_avg_exclude_padding,
                from,
                to,
                kernel,
                kernel,
                padding,
                padding),
            oneDnn.attributes(new post_ops()),
            oneDnn.engine(),
            false);
    kernels.add(
        InferenceOneDnn.kernel(
            new pooling_forward(description),
            description,
            images,
            Optional.empty(),
            List.of(
                new Activation(dnnl.DNNL_ARG_SRC, step.input(), from),
                new Activation(dnnl.DNNL_ARG_DST, step.output(), to))));
  }

  @Override
  public void visit(InferenceStep.Connect step) {
    int images = images();
    var from = oneDnn.vectors(step.input(), images);
    var to = oneDnn.vectors(step.output(), images);
    long outputs = step.output().shape().channels();
    long inputs = step.input().shape().channels();
    var biasLayout = oneDnn.floats(memory.format_tag.a, outputs);
    var description =
        new inner_product_forward.primitive_desc(
            new inner_product_forward.desc(
                dnnl.dnnl_forward_inference,
                from,
                oneDnn.floats(memory.format_tag.any, outputs, inputs),
                biasLayout,
                to),
            oneDnn.attributes(new post_ops()),
            oneDnn.engine(),
            false);
    var weights =
        oneDnn.constant(
            InferenceFilter.parameter(trained, step.dense(), Parameter.WEIGHT),
            oneDnn.floats(memory.format_tag.oi, outputs, inputs),
            description.weights_desc());
    var bias =
        oneDnn.constant(
            InferenceFilter.parameter(trained, step.dense(), Parameter.BIAS),
            biasLayout,
            biasLayout);
    kernels.add(
        InferenceOneDnn.kernel(
            new inner_product_forward(description),
            description,
            images,
            Optional.empty(),
            List.of(
                new Activation(dnnl.DNNL_ARG_SRC, step.input(), from),
                new Constant(dnnl.DNNL_ARG_WEIGHTS, weights),
                new Constant(dnnl.DNNL_ARG_BIAS, bias),
                new Activation(dnnl.DNNL_ARG_DST, step.output(), to))));
  }

  @Override
  public void visit(InferenceStep.Softmax step) {
    int images = images();
    var layout = oneDnn.vectors(step.output(), images);
    var description =
        new softmax_forward.primitive_desc(
            new softmax_forward.desc(dnnl.dnnl_forward_inference, layout, 1),
            oneDnn.attributes(new post_ops()),
            oneDnn.engine(),
            false);
    kernels.add(
        InferenceOneDnn.kernel(
            new softmax_forward(description),
            description,
            images,
            Optional.empty(),
            List.of(
                new Activation(dnnl.DNNL_ARG_SRC, step.input(), layout),
                new Activation(dnnl.DNNL_ARG_DST, step.output(), layout))));
  }
}
