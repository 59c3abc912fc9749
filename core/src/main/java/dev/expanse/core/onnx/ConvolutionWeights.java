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
    return norm == null
        ? new ConvolutionWeights(weight, bias)
        : folded(weight, bias.orElseGet(() -> new float[convolution.channels()]), norm, weights);
  }

  private static ConvolutionWeights folded(
      float[] weight, float[] bias, Network.Node norm, Weights weights) {
    var gamma = weights.get(norm, Parameter.GAMMA);
    var beta = weights.get(norm, Parameter.BETA);
    var mean = weights.get(norm, Parameter.MEAN);
    var variance = weights.get(norm, Parameter.VARIANCE);
    double epsilon = ((Operation.BatchNorm) norm.operation()).epsilon();
    int each = weight.length / bias.length;
    for (int channel = 0; channel < bias.length; channel++) {
      double factor = gamma[channel] / Math.sqrt(variance[channel] + epsilon);
      for (int i = channel * each; i < (channel + 1) * each; i++) {
        weight[i] = (float) (weight[i] * factor);
      }
      bias[channel] = (float) ((bias[channel] - mean[channel]) * factor + beta[channel]);
    }
    return new ConvolutionWeights(weight, Optional.of(bias));
  }
}
