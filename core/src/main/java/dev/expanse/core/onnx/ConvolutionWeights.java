package dev.expanse.core.onnx;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Weights;
import dev.expanse.core.network.Weights.Parameter;
import java.util.Optional;

/**
 * What a convolution computes with.
 *
 * @param weight {@code [channels, inputs / groups, kernel, kernel]}
 * @param bias {@code [channels]}
 */
record ConvolutionWeights(float[] weight, Optional<float[]> bias) {

  /**
   * The weights of a convolution.
   *
   * @param norm the batch norm that is folded into them; null for none
   */
  static ConvolutionWeights of(Network.Node node, Network.Node norm, Weights weights) {
    var convolution = (Operation.Convolution) node.operation();
    var weight = weights.get(node, Parameter.WEIGHT);
    var bias =
        convolution.bias()
            ? Optional.of(weights.get(node, Parameter.BIAS))
            : Optional.<float[]>empty();
    if (norm == null) {
      return new ConvolutionWeights(weight, bias);
    }
    var folded = bias.orElseGet(() -> new float[convolution.channels()]);
    weights.fold(norm, weight, folded);
    return new ConvolutionWeights(weight, Optional.of(folded));
  }
}
