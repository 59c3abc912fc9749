package dev.expanse.core.dl4j;

import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.BatchNorm;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The configuration of a layer that is a batch norm and activation at once, on maps or vectors, of
 * anything but what one convolution without bias gives to it alone: {@code gamma}, {@code beta},
 * {@code mean} and {@code var}.
 */
public final class FusedNorm extends OneDnnLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty private Activation.Function function;
  @JsonProperty private double epsilon;
  @JsonProperty private double momentum;

  /** For Jackson. */
  private FusedNorm() {}

  /**
   * @param last the activation, if any
   */
  FusedNorm(int channels, BatchNorm norm, Optional<Activation.Function> last) {
    nIn = channels;
    nOut = channels;
    function = last.orElse(null);
    epsilon = norm.epsilon();
    momentum = norm.momentum();
  }

  Optional<Activation.Function> function() {
    return Optional.ofNullable(function);
  }

  double epsilon() {
    return epsilon;
  }

  @Override
  OptionalDouble normMomentum() {
    return OptionalDouble.of(momentum);
  }

  @Override
  Map<String, long[]> parameterShapes() {
    return OneDnnParameters.normShapes(nOut);
  }

  @Override
  public InputType getOutputType(int index, InputType type) {
    return checked(type);
  }

  @Override
  InputType checked(InputType type) {
    if (type instanceof InputType.InputTypeConvolutional map
            && map.getFormat() == CNN2DFormat.NHWC
            && map.getChannels() == nIn
        || type instanceof InputType.InputTypeFeedForward vector && vector.getSize() == nIn) {
      return type;
    }
    throw new IllegalArgumentException(
        String.format(
            "Cannot normalise in '%s': expected an input of %d channels, not %s",
            getLayerName(), nIn, type));
  }

  @Override
  int workingArrays() {
    return 0;
  }

  @Override
  OneDnnComputation<?> computation(NeuralNetConfiguration conf, DataType type) {
    return new FusedNormLayer(conf, type);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FusedNorm o
        && super.equals(o)
        && function == o.function
        && epsilon == o.epsilon
        && momentum == o.momentum;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), function, epsilon, momentum);
  }
}
