package dev.expanse.core.onednn;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Weights;
import dev.expanse.core.network.Weights.Parameter;
import java.util.Arrays;
import java.util.Optional;

/**
 * A convolution with bias: what is left of a convolution and the batch norm that follows it when
 * the norm's statistics are fixed. A norm by itself is a depthwise convolution of kernel 1.
 *
 * @param inputs input channels
 * @param shape channels, kernel, stride and groups
 * @param weighted the convolution's node, unless a norm is by itself
 * @param norm the norm's node, unless a convolution has none
 */
record InferenceFilter(
    int inputs, Convolution shape, Optional<Network.Node> weighted, Optional<Network.Node> norm) {

  static InferenceFilter of(Network.Node convolution, Optional<Network.Node> norm) {
    return new InferenceFilter(
        convolution.onlyInput().shape().channels(),
        (Convolution) convolution.operation(),
        Optional.of(convolution),
        norm);
  }

  static InferenceFilter of(Network.Node norm) {
    int channels = norm.shape().channels();
    return new InferenceFilter(
        channels, new Convolution(channels, 1, 1, channels), Optional.empty(), Optional.of(norm));
  }

  /**
   * Weights and bias, values in row-major order.
   *
   * @param weights {@code [channels, inputs / groups, kernel, kernel]}
   * @param bias {@code [channels]}
   */
  record Folded(float[] weights, float[] bias) {}

  /**
   * The weights and bias of {@code trained}.
   *
   * @throws IllegalArgumentException if they are of another network
   */
  Folded fold(Weights trained) {
    var weights =
        weighted
            .map(node -> trained.get(node, Parameter.WEIGHT))
            .orElseGet(() -> ones(shape.channels()));
    var bias =
        weighted
            .filter(node -> shape.bias())
            .map(node -> trained.get(node, Parameter.BIAS))
            .orElseGet(() -> new float[shape.channels()]);
    norm.ifPresent(node -> trained.fold(node, weights, bias));
    return new Folded(weights, bias);
  }

  private static float[] ones(int count) {
    var ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
