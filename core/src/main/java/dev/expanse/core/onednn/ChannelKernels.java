package dev.expanse.core.onednn;

import dev.expanse.core.network.Shape;
import dev.expanse.core.onednn.InferenceKernel.Activation;
import dev.expanse.core.onednn.InferenceStep.Concatenate;
import dev.expanse.core.onednn.InferenceStep.Rearrange;
import dev.expanse.core.onednn.InferenceStep.Shuffle;
import dev.expanse.core.onednn.InferenceStep.Slice;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.shuffle_forward;

/** Makes kernels of what only puts values elsewhere. */
final class ChannelKernels {
  private final InferenceOneDnn oneDnn;

  ChannelKernels(InferenceOneDnn oneDnn) {
    this.oneDnn = oneDnn;
  }

  /** A copy of each input into its channels of the output. */
  List<InferenceKernel> concatenate(Concatenate step, int images) {
    var whole = oneDnn.activations(step.output(), images);
    var firsts = new long[step.inputs().size()];
    for (int i = 1; i < firsts.length; i++) {
      firsts[i] = firsts[i - 1] + step.inputs().get(i - 1).shape().channels();
    }
    return LongStream.range(0, firsts.length)
        .mapToObj(
            i -> {
              var input = step.inputs().get((int) i);
              var from = oneDnn.activations(input, images);
              var to = channels(whole, input.shape(), firsts[(int) i], images);
              return copy(input, from, step.output(), to, images);
            })
        .toList();
  }

  InferenceKernel slice(Slice step, int images) {
    var to = oneDnn.activations(step.output(), images);
    var whole = oneDnn.activations(step.input(), images);
    var from = channels(whole, step.output().shape(), step.channels().from(), images);
    return copy(step.input(), from, step.output(), to, images);
  }

  /** As many channels of {@code whole} as {@code part} has, beginning at {@code first}. */
  private static memory.desc channels(memory.desc whole, Shape part, long first, int images) {
    long[] size = {images, part.channels(), part.height(), part.width()};
    return whole.submemory_desc(size, new long[] {0, first, 0, 0}, false);
  }

  InferenceKernel rearrange(Rearrange step, int images) {
    boolean flattens = !step.output().shape().equals(step.input().shape());
    var to =
        flattens
            ? oneDnn.channelsLast(step.input(), images)
            : oneDnn.activations(step.output(), images);
    var from = oneDnn.activations(step.input(), images);
    return copy(step.input(), from, step.output(), to, images);
  }

  InferenceKernel shuffle(Shuffle step, int images) {
    var layout = oneDnn.activations(step.output(), images);
    return oneDnn.layout() == InferenceLayout.CHANNELS_LAST
        ? shuffleLast(step, images)
        : shuffleBlocks(step, layout, images);
  }

  /** Pixels {@code [pixels, groups, channels of a group]}, written with the last two exchanged. */
  private InferenceKernel shuffleLast(Shuffle step, int images) {
    var shape = step.output().shape();
    long groups = step.groups();
    long each = shape.channels() / groups;
    long pixels = (long) images * shape.height() * shape.width();
    long[] size = {pixels, groups, each};
    var from = oneDnn.strided(size, shape.channels(), each, 1);
    var to = oneDnn.strided(size, shape.channels(), 1, groups);
    return copy(step.input(), from, step.output(), to, images);
  }

  private InferenceKernel shuffleBlocks(Shuffle step, memory.desc layout, int images) {
    int each = step.output().shape().channels() / step.groups();
    var description =
        new shuffle_forward.primitive_desc(
            new shuffle_forward.desc(dnnl.dnnl_forward_inference, layout, 1, each),
            oneDnn.engine(),
            oneDnn.attributes(),
            false);
    return InferenceOneDnn.kernel(
        new shuffle_forward(description),
        description,
        images,
        Optional.empty(),
        List.of(
            new Activation(dnnl.DNNL_ARG_SRC, step.input(), layout),
            new Activation(dnnl.DNNL_ARG_DST, step.output(), layout)));
  }

  private InferenceKernel copy(
      InferenceValue input, memory.desc from, InferenceValue output, memory.desc to, int images) {
    var description =
        new reorder.primitive_desc(
            oneDnn.engine(), from, oneDnn.engine(), to, oneDnn.attributes(), false);
    return InferenceOneDnn.kernel(
        new reorder(description),
        description,
        images,
        Optional.empty(),
        List.of(
            new Activation(dnnl.DNNL_ARG_FROM, input, from),
            new Activation(dnnl.DNNL_ARG_TO, output, to)));
  }
}
