package dev.expanse.core.onednn;

import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Shape;
import java.util.List;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory.format_tag;
import org.bytedeco.dnnl.primitive_attr;

/** In which order the feature maps of a plan lie in memory. */
enum InferenceLayout {
  /** All channels of a pixel after one another. */
  CHANNELS_LAST(1, format_tag.nhwc),
  /** Eight channels of a pixel after one another, and all pixels before the next eight. */
  BLOCKS_OF_8(8, format_tag.nChw8c),
  /** The same with sixteen. */
  BLOCKS_OF_16(16, format_tag.nChw16c);

  private final int block;
  private final format_tag tag;

  InferenceLayout(int block, format_tag tag) {
    this.block = block;
    this.tag = tag;
  }

  /** How oneDNN calls the order of a value of that shape. */
  format_tag tag(Shape shape) {
    if (shape.channels() % block == 0) {
      return tag;
    }
    // a vector lies the same in all layouts; a map without whole blocks has none
    return shape.height() == 1 && shape.width() == 1 ? format_tag.nhwc : format_tag.nchw;
  }

  /**
   * Blocks, for which oneDNN's convolutions are made, where all channels of the network fill them
   * wholly; else channels last.
   */
  static InferenceLayout of(Network network) {
    var preferred = InferenceOneDnn.temporarily(InferenceLayout::preferred);
    boolean whole = network.nodes().stream().allMatch(node -> fills(node, preferred.block));
    return whole ? preferred : CHANNELS_LAST;
  }

  private static boolean fills(Network.Node node, int block) {
    if (node.operation() instanceof Operation.Input) {
      return true;
    }
    if (node.operation() instanceof ChannelOperation.Slice slice && slice.from() % block != 0) {
      return false;
    }
    boolean pieces = node.operation() instanceof ChannelOperation.Concat;
    return wholeBlocks(node.shape(), block)
        && (!pieces || node.inputs().stream().allMatch(n -> n.shape().channels() % block == 0));
  }

  private static boolean wholeBlocks(Shape shape, int block) {
    return shape.channels() % block == 0 || shape.height() == 1 && shape.width() == 1;
  }

  /** What oneDNN takes for an ordinary convolution when it is free to choose. */
  private static InferenceLayout preferred() {
    var free = Primitives.floats(format_tag.any, 1, 64, 28, 28);
    long[] ones = {1, 1};
    var description =
        new convolution_forward.primitive_desc(
            new convolution_forward.desc(
                dnnl.dnnl_forward_inference,
                dnnl.dnnl_convolution_direct,
                free,
                Primitives.floats(format_tag.any, 64, 64, 3, 3),
                Primitives.floats(format_tag.a, 64),
                free,
                ones,
                ones,
                ones),
            new primitive_attr(),
            OneDnn.engine(),
            false);
    var chosen = description.dst_desc();
    for (var layout : List.of(BLOCKS_OF_8, BLOCKS_OF_16)) {
      if (chosen.equals(Primitives.floats(layout.tag, 1, 64, 28, 28))) {
        return layout;
      }
    }
    return CHANNELS_LAST;
  }
}
