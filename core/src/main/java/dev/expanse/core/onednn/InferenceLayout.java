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
   * Blocks, where all channels of the network fill them wholly and something is faster in them;
   * else channels last, as the images come.
   */
  static InferenceLayout of(Network network) {
    var preferred = InferenceOneDnn.temporarily(InferenceLayout::preferred);
    var nodes = network.nodes();
    boolean whole = nodes.stream().allMatch(node -> fills(node, preferred.block));
    boolean worthwhile = nodes.stream().anyMatch(InferenceLayout::gains);
    return whole && worthwhile ? preferred : CHANNELS_LAST;
  }

  /**
   * Whether blocks make an operation faster: windows over several pixels of several channels, and
   * concatenation. Pointwise and depthwise convolutions are as fast channels last.
   */
  private static boolean gains(Network.Node node) {
    var operation = node.operation();
    if (operation instanceof Operation.Convolution convolution) {
      var input = node.onlyInput();
      return convolution.kernel() > 1
          && convolution.groups() < input.shape().channels()
          && !(input.operation() instanceof Operation.Input);
    }
    return operation instanceof ChannelOperation.Concat
        || operation instanceof Operation.MaxPool
        || operation instanceof Operation.AveragePool;
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
