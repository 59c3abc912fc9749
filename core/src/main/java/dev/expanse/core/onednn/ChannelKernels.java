package dev.expanse.core.onednn;

import dev.expanse.core.network.Shape;
import dev.expanse.core.onednn.InferenceKernel.Activation;
import dev.expanse.core.onednn.InferenceKernel.Images;
import dev.expanse.core.onednn.InferenceStep.Concatenate;
import dev.expanse.core.onednn.InferenceStep.Rearrange;
import dev.expanse.core.onednn.InferenceStep.Shuffle;
import dev.expanse.core.onednn.InferenceStep.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.shuffle_forward;

/** Makes kernels of what only puts values elsewhere. */
final class ChannelKernels {
  private final InferenceOneDnn oneDnn;
  private final InferenceParts parts;

  ChannelKernels(InferenceOneDnn oneDnn, InferenceParts parts) {
    this.oneDnn = oneDnn;
    this.parts = parts;
  }

  /** A copy of each input into its channels of the output, unless it lies there. */
  List<InferenceKernel> concatenate(Concatenate step, Images images) {
    var copies = new ArrayList<InferenceKernel>();
    var whole = oneDnn.activations(step.output(), images.each());
    long first = 0;
    for (var input : step.inputs()) {
      if (!parts.isPartOf(input, step.output())) {
        var from = oneDnn.activations(input, images.each());
        var to = channels(whole, input.shape(), first, images);
        copies.add(copy(input, from, step.output(), to, images));
      }
      first += input.shape().channels();
    }
    return copies;
  }

  /** A copy of some channels, unless they stay where they are. */
  List<InferenceKernel> slice(Slice step, Images images) {
    if (parts.isPartOf(step.output(), step.input())) {
      return List.of();
    }
    var to = oneDnn.activations(step.output(), images.each());
    var whole = oneDnn.activations(step.input(), images.each());
    var from = channels(whole, step.output().shape(), step.channels().from(), images);
    return List.of(copy(step.input(), from, step.output(), to, images));
  }

  /** As many channels of {@code whole} as {@code part} has, beginning at {@code first}. */
  private static memory.desc channels(memory.desc whole, Shape part, long first, Images images) {
    long[] size = {images.each(), part.channels(), part.height(), part.width()};
    return whole.submemory_desc(size, new long[] {0, first, 0, 0}, false);
  }

  InferenceKernel rearrange(Rearrange step, Images images) {
    boolean flattens = !step.output().shape().equals(step.input().shape());
    var to =
        flattens
            ? oneDnn.channelsLast(step.input(), images.each())
            : oneDnn.activations(step.output(), images.each());
    var from = oneDnn.activations(step.input(), images.each());
    return copy(step.input(), from, step.output(), to, images);
  }

  InferenceKernel shuffle(Shuffle step, Images images) {
    var layout = oneDnn.activations(step.output(), images.each());
    return oneDnn.layout() == InferenceLayout.CHANNELS_LAST
        ? shuffleLast(step, images)
        : shuffleBlocks(step, layout, images);
  }

  /** Pixels {@code [pixels, groups, channels of a group]}, written with the last two exchanged. */
  private InferenceKernel shuffleLast(Shuffle step, Images images) {
    var shape = step.output().shape();
    long groups = step.groups();
    long each = shape.channels() / groups;
    long pixels = (long) images.each() * shape.height() * shape.width();
    long[] size = {pixels, groups, each};
    var from = oneDnn.strided(size, shape.channels(), each, 1);
    var to = oneDnn.strided(size, shape.channels(), 1, groups);
    return copy(step.input(), from, step.output(), to, images);
  }

  private InferenceKernel shuffleBlocks(Shuffle step, memory.desc layout, Images images) {
    int each = step.output().shape().channels() / step.groups();
    var description =
        new shuffle_forward.primitive_desc(
            new shuffle_forward.desc(dnnl.dnnl_forward_inference, layout, 1, each),
            oneDnn.engine(),
            oneDnn.attributes(),
            false);
    return InferenceKernel.of(
        new shuffle_forward(description),
        description,
        images,
        Optional.empty(),
        List.of(
            new Activation(dnnl.DNNL_ARG_SRC, step.input(), layout),
            new Activation(dnnl.DNNL_ARG_DST, step.output(), layout)));
  }

  private InferenceKernel copy(
      InferenceValue input,
      memory.desc from,
      InferenceValue output,
      memory.desc to,
      Images images) {
    var description =
        new reorder.primitive_desc(
            oneDnn.engine(), from, oneDnn.engine(), to, oneDnn.attributes(), false);
    return InferenceKernel.of(
        new reorder(description),
        description,
        images,
        Optional.empty(),
        List.of(
            new Activation(dnnl.DNNL_ARG_FROM, input, from),
            new Activation(dnnl.DNNL_ARG_TO, output, to)));
  }
}
