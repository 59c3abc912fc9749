package dev.expanse.core.dl4j;

import static dev.expanse.core.dl4j.OneDnnParameters.WEIGHTS;

import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.BatchNorm;
import dev.expanse.core.network.Operation.Convolution;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The configuration of a layer that is convolution, batch norm and activation at once: {@code W},
 * {@code gamma}, {@code beta}, {@code mean} and {@code var}.
 */
public final class FusedConvolution extends OneDnnConvolution {
  private static final long serialVersionUID = 1L;

  @JsonProperty private double epsilon;
  @JsonProperty private double momentum;

  /** For Jackson. */
  private FusedConvolution() {}

  /**
   * @param convolution without bias
   * @param inputs channels of the input
   * @param function the activation, if any
   * @param inputGradient whether anything reads the gradient of the input
   * @throws IllegalArgumentException if the convolution has a bias, which the norm would cancel
   */
  FusedConvolution(
      Convolution convolution,
      int inputs,
      BatchNorm norm,
      Optional<Activation.Function> function,
      boolean inputGradient) {
    super(convolution, inputs, function, inputGradient);
    if (convolution.bias()) {
      throw new IllegalArgumentException("Cannot fuse a norm with the bias of " + convolution);
    }
    epsilon = norm.epsilon();
    momentum = norm.momentum();
  }

  @Override
  double epsilon() {
    return epsilon;
  }

  @Override
  OptionalDouble normMomentum() {
    return OptionalDouble.of(momentum);
  }

  @Override
  Map<String, long[]> parameterShapes() {
    var shapes = new LinkedHashMap<String, long[]>();
    shapes.put(WEIGHTS, weightShape());
    shapes.putAll(OneDnnParameters.normShapes(nOut));
    return shapes;
  }

  @Override
  int workingArrays() {
    return 2; // the convolution's output, and its gradient
  }

  @Override
  OneDnnComputation<?> computation(NeuralNetConfiguration conf, DataType type) {
    return new FusedConvolutionLayer(conf, type);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FusedConvolution o
        && super.equals(o)
        && epsilon == o.epsilon
        && momentum == o.momentum;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), epsilon, momentum);
  }
}
