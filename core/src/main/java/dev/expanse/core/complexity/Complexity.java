package dev.expanse.core.complexity;

import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What a network costs on paper, exactly, for one image.
 *
 * <p>A <b>MAC</b> is one multiplication with its addition (a multiply-add of Sandler et al., 2018;
 * two of the FLOPs that others count). Convolutions and fully connected layers are counted, as in
 * the published figures; norms, activations, additions, scales and pooling are not.
 *
 * @param costs the cost of each operation, in the network's order
 * @param peakActivationBytes the most memory that feature maps take at one time in inference of one
 *     image in 32-bit floats, when the operations run in the network's order and a feature map is
 *     freed after its last reader. Norms, activations, dropout, scales and flattening work in place
 *     where nobody reads their input afterwards; additions, pooling and what moves channels
 *     (concatenation, slices, shuffles) write a map of their own
 */
public record Complexity(List<Cost> costs, long peakActivationBytes) {
  private static final int BYTES = Float.BYTES;

  /**
   * The cost of one operation.
   *
   * @param node the operation
   * @param macs multiply-accumulates
   * @param parameters trained values: weights, biases, and scale and shift of norms (not their
   *     running statistics, as in the published figures)
   * @param activations output values of convolutions (Radosavovic et al., "Designing Network Design
   *     Spaces", 2020, section 3.2); 0 for other operations
   * @param weightBytes bytes that inference has to read: parameters and running statistics in
   *     32-bit floats
   */
  public record Cost(
      Network.Node node, long macs, long parameters, long activations, long weightBytes) {}

  /**
   * The same sums that a {@link Complexity} gives, without the cost of each operation: for counting
   * many networks.
   *
   * @param macs multiply-accumulates in all
   * @param parameters parameters in all
   * @param activations output values of all convolutions
   * @param weightBytes bytes of all weights and running statistics
   * @param peakActivationBytes the most memory that feature maps take at one time
   */
  public record Totals(
      long macs, long parameters, long activations, long weightBytes, long peakActivationBytes) {

    /** Counts what inference takes: auxiliary classifiers are left out. */
    public static Totals of(Network complete) {
      var network = complete.inference();
      long macs = 0;
      long parameters = 0;
      long activations = 0;
      long weightBytes = 0;
      for (var node : network.nodes()) {
        var cost = node.accept(COST);
        macs += cost.macs();
        parameters += cost.parameters();
        activations += cost.activations();
        weightBytes += cost.weightBytes();
      }
      long peak = Complexity.peakActivationBytes(network);
      return new Totals(macs, parameters, activations, weightBytes, peak);
    }

    /** Those of two parts of a network, between which there is one map and nothing else. */
    Totals then(Totals next) {
      return new Totals(
          macs + next.macs,
          parameters + next.parameters,
          activations + next.activations,
          weightBytes + next.weightBytes,
          Math.max(peakActivationBytes, next.peakActivationBytes));
    }
  }

  /** Counts what inference takes: auxiliary classifiers are left out. */
  public static Complexity of(Network complete) {
    var network = complete.inference();
    var costs = network.nodes().stream().map(node -> node.accept(COST)).toList();
    return new Complexity(costs, peakActivationBytes(network));
  }

  /** Bytes of all weights and running statistics in training, auxiliary classifiers included. */
  public static long trainedBytes(Network complete) {
    return complete.nodes().stream().mapToLong(node -> node.accept(COST).weightBytes()).sum();
  }

  /** Multiply-accumulates in all. */
  public long macs() {
    return sum(Cost::macs);
  }

  /** Parameters in all. */
  public long parameters() {
    return sum(Cost::parameters);
  }

  /** Output values of all convolutions. */
  public long activations() {
    return sum(Cost::activations);
  }

  /** Bytes of all weights and running statistics. */
  public long weightBytes() {
    return sum(Cost::weightBytes);
  }

  private long sum(ToLongFunction<Cost> what) {
    return costs.stream().mapToLong(what).sum();
  }

  private static final Operation.Visitor<Cost> COST =
      new Operation.Visitor<>() {
        @Override
        public Cost visit(Operation.Input operation, Network.Node node) {
          return free(node);
        }

        @Override
        public Cost visit(Operation.Convolution operation, Network.Node node) {
          long inputs = node.onlyInput().shape().channels() / operation.groups();
          long filter = inputs * operation.kernel() * operation.kernel();
          long weights = filter * operation.channels();
          long parameters = weights + (operation.bias() ? operation.channels() : 0);
          long outputs = node.shape().size();
          return new Cost(node, outputs * filter, parameters, outputs, parameters * BYTES);
        }

        @Override
        public Cost visit(Operation.BatchNorm operation, Network.Node node) {
          long channels = node.shape().channels();
          return new Cost(node, 0, 2 * channels, 0, 4 * channels * BYTES);
        }

        @Override
        public Cost visit(Operation.Activation operation, Network.Node node) {
          return free(node);
        }

        @Override
        public Cost visit(Operation.Add operation, Network.Node node) {
          return free(node);
        }

        @Override
        public Cost visit(Operation.Scale operation, Network.Node node) {
          return free(node);
        }

        @Override
        public Cost visit(ChannelOperation.Concat operation, Network.Node node) {
          return free(node);
        }

        @Override
        public Cost visit(ChannelOperation.Slice operation, Network.Node node) {
          return free(node);
        }

        @Override
        public Cost visit(ChannelOperation.Shuffle operation, Network.Node node) {
          return free(node);
        }

        @Override
        public Cost visit(Operation.MaxPool operation, Network.Node node) {
          return free(node);
        }

        @Override
        public Cost visit(Operation.AveragePool operation, Network.Node node) {
          return free(node);
        }

        @Override
        public Cost visit(Operation.Flatten operation, Network.Node node) {
          return free(node);
        }

        @Override
        public Cost visit(Operation.GlobalAveragePool operation, Network.Node node) {
          return free(node);
        }

        @Override
        public Cost visit(Operation.Dropout operation, Network.Node node) {
          return free(node);
        }

        @Override
        public Cost visit(Operation.Dense operation, Network.Node node) {
          long weights = (long) node.onlyInput().shape().channels() * operation.channels();
          long parameters = weights + operation.channels();
          return new Cost(node, weights, parameters, 0, parameters * BYTES);
        }

        private Cost free(Network.Node node) {
          return new Cost(node, 0, 0, 0, 0);
        }
      };

  private static long peakActivationBytes(Network network) {
    var readersLeft = readers(network);
    long alive = 0;
    long peak = 0;
    for (var node : network.nodes()) {
      boolean inPlace = worksInPlace(node, readersLeft);
      alive += inPlace ? 0 : bytes(node);
      peak = Math.max(peak, alive);
      for (int i = 0; i < node.inputs().size(); i++) {
        var input = node.inputs().get(i);
        boolean becameOutput = inPlace && i == 0;
        if (--readersLeft[input.index()] == 0 && !becameOutput) {
          alive -= bytes(input);
        }
      }
    }
    return peak;
  }

  private static int[] readers(Network network) {
    var readers = new int[network.output().index() + 1];
    for (var node : network.nodes()) {
      readers[node.index()] = network.readers(node);
    }
    return readers;
  }

  /** Whether the output takes the place of the first input, which has the same size. */
  private static boolean worksInPlace(Network.Node node, int[] readersLeft) {
    return (node.operation() instanceof Operation.BatchNorm
            || node.operation() instanceof Operation.Activation
            || node.operation() instanceof Operation.Dropout
            || node.operation() instanceof Operation.Scale
            || node.operation() instanceof Operation.Flatten)
        && readersLeft[node.inputs().get(0).index()] == 1;
  }

  private static long bytes(Network.Node node) {
    return node.shape().size() * BYTES;
  }
}
