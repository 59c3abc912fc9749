package dev.expanse.core.onednn;

import dev.expanse.core.network.Weights;
import dev.expanse.core.network.Weights.Parameter;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import dev.expanse.core.onednn.InferenceKernel.Activation;
import dev.expanse.core.onednn.InferenceKernel.Argument;
import dev.expanse.core.onednn.InferenceKernel.Constant;
import dev.expanse.core.onednn.InferenceKernel.Images;
import dev.expanse.core.onednn.InferenceStep.Accumulate;
import dev.expanse.core.onednn.InferenceStep.Combine;
import dev.expanse.core.onednn.InferenceStep.Combine.Arithmetic;
import dev.expanse.core.onednn.InferenceStep.Connect;
import dev.expanse.core.onednn.InferenceStep.Convolve;
import dev.expanse.core.onednn.InferenceStep.Fused;
import dev.expanse.core.onednn.InferenceStep.Result;
import dev.expanse.core.onednn.InferenceValue.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.pooling_forward;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.softmax_forward;

/** Makes the kernels of all steps, one or more for each. */
final class InferenceKernels implements InferenceStep.Visitor {
  private final InferenceOneDnn oneDnn;
  private final InferenceConvolutions convolutions;
  private final ChannelKernels channels;
  private final InferenceParts parts;
  private final Weights trained;
  private final int[] chunks;
  private final Map<InferenceValue, Integer> lastReaders = new HashMap<>();
  private final List<InferenceKernel> kernels = new ArrayList<>();
  private int index;

  /** What another kernel of the current step has still to read. */
  private Optional<InferenceValue> awaited = Optional.empty();

  private InferenceKernels(
      InferenceOneDnn oneDnn,
      List<InferenceStep> steps,
      InferenceParts parts,
      int[] chunks,
      Weights trained,
      Choice choice) {
    this.oneDnn = oneDnn;
    this.channels = new ChannelKernels(oneDnn, parts);
    this.parts = parts;
    this.convolutions = new InferenceConvolutions(oneDnn, trained, choice);
    this.trained = trained;
    this.chunks = chunks;
    for (int i = 0; i < steps.size(); i++) {
      for (var input : steps.get(i).inputs()) {
        lastReaders.put(parts.root(input), i);
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
      InferenceOneDnn oneDnn,
      List<InferenceStep> steps,
      InferenceParts parts,
      int[] chunks,
      Weights trained,
      Choice choice) {
    var maker = new InferenceKernels(oneDnn, steps, parts, chunks, trained, choice);
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
    if (mayFuse(step)) {
      kernels.add(convolutions.kernel(step, images(step)));
    } else {
      separately(step);
    }
  }

  /**
   * Whether what a step does to its result can be done where the result is. A value that is added
   * has to be there before: then nobody else may need it.
   */
  private boolean mayFuse(Fused step) {
    var shortcut = step.result().shortcut();
    return shortcut.isEmpty()
        || mayOverwrite(shortcut.get(), step.output())
            && step.inputs().stream().map(parts::root).filter(shortcut.get()::equals).count() == 1
            && (!(step instanceof Convolve convolve)
                || convolutions.isFast(convolve, images(step)));
  }

  /** The step up to a sum, then the sum and what follows it. */
  private void separately(Fused step) {
    var operations = step.result().postOperations();
    int sum = 0;
    while (!(operations.get(sum) instanceof Accumulate)) {
      sum++;
    }
    var first = step.result().first(sum);
    var accumulate = (Accumulate) operations.get(sum);
    awaited = Optional.of(accumulate.shortcut());
    step.with(first).accept(this);
    awaited = Optional.empty();
    var rest = new Result(accumulate.output(), operations.subList(sum + 1, operations.size()));
    visit(new Combine(Arithmetic.ADD, first.output(), accumulate.shortcut(), rest));
  }

  /** How many images a step takes: one by one where it works on a part of another value. */
  private Images images(InferenceStep step) {
    boolean whole =
        Stream.concat(step.inputs().stream(), Stream.of(step.output())).noneMatch(parts::isPart);
    return new Images(chunks[index], whole ? chunks[index] : 1);
  }

  /**
   * Whether {@code output} may come in the place of a value: of one of our own that the current
   * kernel is the last to read, if neither has its place within another.
   */
  private boolean mayOverwrite(InferenceValue value, InferenceValue output) {
    return value.place() == Place.ARENA
        && !parts.isPart(value)
        && !parts.isPart(output)
        && lastReaders.getOrDefault(value, index) <= index
        && !awaited.map(parts::root).equals(Optional.of(value));
  }

  @Override
  public void visit(Combine step) {
    if (!mayFuse(step)) {
      separately(step);
      return;
    }
    var left = oneDnn.activations(step.left(), images(step).each());
    var right = oneDnn.activations(step.right(), images(step).each());
    var to = oneDnn.activations(step.output(), images(step).each());
    int algorithm =
        switch (step.arithmetic()) {
          case ADD -> dnnl.dnnl_binary_add;
          case MULTIPLY -> dnnl.dnnl_binary_mul;
        };
    var description =
        new binary.primitive_desc(
            new binary.desc(algorithm, left, right, to),
            oneDnn.attributes(step.result()),
            oneDnn.engine(),
            false);
    add(
        step,
        new binary(description),
        description,
        step.result().shortcut().or(() -> overwritten(step)),
        new Activation(dnnl.DNNL_ARG_SRC_0, step.left(), left),
        new Activation(dnnl.DNNL_ARG_SRC_1, step.right(), right),
        new Activation(dnnl.DNNL_ARG_DST, step.output(), to));
  }

  private Optional<InferenceValue> overwritten(Combine step) {
    return Stream.of(step.left(), step.right())
        .filter(
            value ->
                value.shape().equals(step.output().shape()) && mayOverwrite(value, step.output()))
        .findFirst();
  }

  @Override
  public void visit(InferenceStep.Activate step) {
    var layout = oneDnn.activations(step.output(), images(step).each());
    var description =
        new eltwise_forward.primitive_desc(
            new eltwise_forward.desc(
                dnnl.dnnl_forward_inference,
                InferenceOneDnn.algorithm(step.function()),
                layout,
                InferenceOneDnn.alpha(step.function()),
                0),
            oneDnn.attributes(),
            oneDnn.engine(),
            false);
    add(
        step,
        new eltwise_forward(description),
        description,
        Optional.of(step.input()).filter(input -> mayOverwrite(input, step.output())),
        new Activation(dnnl.DNNL_ARG_SRC, step.input(), layout),
        new Activation(dnnl.DNNL_ARG_DST, step.output(), layout));
  }

  @Override
  public void visit(InferenceStep.Pool step) {
    var window = step.window();
    var from = oneDnn.activations(step.input(), images(step).each());
    var to = oneDnn.activations(step.output(), images(step).each());
    int algorithm =
        switch (window.kind()) {
          case MAX -> dnnl.dnnl_pooling_max;
          case MEAN -> dnnl.dnnl_pooling_avg_exclude_padding;
        };
    var description =
        new pooling_forward.primitive_desc(
            new pooling_forward.desc(
                dnnl.dnnl_forward_inference,
                algorithm,
                from,
                to,
                window.strides().toArray(),
                window.kernel().toArray(),
                window.before().toArray(),
                window.after().toArray()),
            oneDnn.attributes(),
            oneDnn.engine(),
            false);
    add(
        step,
        new pooling_forward(description),
        description,
        Optional.empty(),
        new Activation(dnnl.DNNL_ARG_SRC, step.input(), from),
        new Activation(dnnl.DNNL_ARG_DST, step.output(), to));
  }

  @Override
  public void visit(Connect step) {
    var shape = step.input().shape();
    boolean vector = shape.size() == shape.channels();
    long outputs = step.output().shape().channels();
    long inputs = shape.channels();
    long[] weights =
        vector
            ? new long[] {outputs, inputs}
            : new long[] {outputs, inputs, shape.height(), shape.width()};
    var from =
        vector
            ? oneDnn.vectors(step.input(), images(step).each())
            : oneDnn.activations(step.input(), images(step).each());
    var to = oneDnn.vectors(step.output(), images(step).each());
    var biases = oneDnn.floats(memory.format_tag.a, outputs);
    var description =
        new inner_product_forward.primitive_desc(
            new inner_product_forward.desc(
                dnnl.dnnl_forward_inference,
                from,
                oneDnn.floats(memory.format_tag.any, weights),
                biases,
                to),
            oneDnn.attributes(step.result()),
            oneDnn.engine(),
            false);
    var weight = trained.get(step.dense(), Parameter.WEIGHT);
    var bias = trained.get(step.dense(), Parameter.BIAS);
    // the network's vector of a feature map has rows first, channels last
    var given = oneDnn.floats(vector ? memory.format_tag.oi : memory.format_tag.ohwi, weights);
    add(
        step,
        new inner_product_forward(description),
        description,
        Optional.empty(),
        new Activation(dnnl.DNNL_ARG_SRC, step.input(), from),
        new Constant(
            dnnl.DNNL_ARG_WEIGHTS, oneDnn.constant(weight, given, description.weights_desc())),
        new Constant(dnnl.DNNL_ARG_BIAS, oneDnn.constant(bias, biases, biases)),
        new Activation(dnnl.DNNL_ARG_DST, step.output(), to));
  }

  @Override
  public void visit(InferenceStep.Concatenate step) {
    kernels.addAll(channels.concatenate(step, images(step)));
  }

  @Override
  public void visit(InferenceStep.Slice step) {
    kernels.addAll(channels.slice(step, images(step)));
  }

  @Override
  public void visit(InferenceStep.Shuffle step) {
    kernels.add(channels.shuffle(step, images(step)));
  }

  @Override
  public void visit(InferenceStep.Rearrange step) {
    kernels.add(channels.rearrange(step, images(step)));
  }

  @Override
  public void visit(InferenceStep.Softmax step) {
    var layout = oneDnn.vectors(step.output(), images(step).each());
    var description =
        new softmax_forward.primitive_desc(
            new softmax_forward.desc(dnnl.dnnl_forward_inference, layout, 1),
            oneDnn.attributes(),
            oneDnn.engine(),
            false);
    add(
        step,
        new softmax_forward(description),
        description,
        Optional.empty(),
        new Activation(dnnl.DNNL_ARG_SRC, step.input(), layout),
        new Activation(dnnl.DNNL_ARG_DST, step.output(), layout));
  }

  private void add(
      InferenceStep step,
      primitive primitive,
      primitive_desc_base description,
      Optional<InferenceValue> overwritten,
      Argument... arguments) {
    kernels.add(
        InferenceKernel.of(primitive, description, images(step), overwritten, List.of(arguments)));
  }
}
