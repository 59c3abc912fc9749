package dev.expanse.core.network;

import dev.expanse.core.network.Network.Node;
import java.util.HashMap;
import java.util.Map;

/**
 * Networks whose maps are larger than their family makes them, for images smaller than those that
 * the family is made for. The output stride is how many pixels of the image one value of the last
 * map stands for on each side (Chen et al., "Rethinking Atrous Convolution for Semantic Image
 * Segmentation", 2017, section 3.1), 32 in most networks. Strides are taken away until it is as
 * small as wished, beginning behind the operations that bring maps to a quarter of the image's
 * side, which every family does at once and with few channels: so all maps but the first are as
 * they would be on a larger image.
 */
final class OutputStride {
  private static final int QUARTER = 4;

  private final Map<Node, Integer> strides = new HashMap<>();
  private final Map<Node, Node> copies = new HashMap<>();
  private int kept;
  private int divisor;

  private OutputStride() {}

  /**
   * The same network with an output stride of {@code most} or less. Auxiliary classifiers keep the
   * strides that are theirs alone.
   *
   * @throws IllegalArgumentException if it cannot be built any more
   */
  static Network limited(Network network, int most) {
    var limit = new OutputStride();
    int stride = limit.follow(network.inference());
    if (stride <= most) {
      return network;
    }
    limit.kept = Math.min(QUARTER, most);
    limit.divisor = (stride + most - 1) / most;
    return limit.copy(network);
  }

  /** Notes how many pixels a value of each map stands for, and tells of the largest number. */
  private int follow(Network network) {
    int largest = 1;
    for (var node : network.nodes()) {
      int stride = before(node) * stepOf(node.operation());
      strides.put(node, stride);
      largest = Math.max(largest, stride);
    }
    return largest;
  }

  private int before(Node node) {
    return node.inputs().stream().mapToInt(strides::get).max().orElse(1);
  }

  private static int stepOf(Operation operation) {
    return operation instanceof Operation.Strided strided ? strided.stride() : 1;
  }

  private Network copy(Network network) {
    var builder = Network.forMap(network.input().shape());
    copies.put(network.input(), builder.image());
    for (var node : network.nodes().subList(1, network.nodes().size())) {
      var inputs = node.inputs().stream().map(copies::get).toArray(Node[]::new);
      copies.put(node, builder.add(node.name(), slowed(node), inputs));
    }
    for (var auxiliary : network.auxiliaries()) {
      builder.auxiliary(copies.get(auxiliary.logits()), auxiliary.weight());
    }
    return builder.build();
  }

  private Operation slowed(Node node) {
    if (!strides.containsKey(node) || !(node.operation() instanceof Operation.Strided strided)) {
      return node.operation();
    }
    int step = limited(strides.get(node)) / limited(before(node));
    return step == strided.stride() ? strided : strided.withStride(step);
  }

  private int limited(int stride) {
    return stride <= kept ? stride : Math.max(kept, stride / divisor);
  }
}
