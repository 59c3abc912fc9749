package dev.expanse.core.network;

import java.io.Serializable;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The learned values of a network, independent of any engine: what one engine trained, another
 * runs. Immutable, and complete: every parameter of every node has its values.
 */
public final class Weights implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Map<String, Map<Parameter, float[]>> values;

  private Weights(Map<String, Map<Parameter, float[]>> values) {
    this.values = values;
  }

  /** What nodes learn; values are in row-major order of the shapes given here. */
  public enum Parameter {
    /**
     * Of a convolution, {@code [channels, inputs / groups, kernel, kernel]}, and of a fully
     * connected layer, {@code [channels, inputs]}.
     */
    WEIGHT,
    /** Of a fully connected layer, and of a convolution that has one, {@code [channels]}. */
    BIAS,
    /** A norm's factor, {@code [channels]}. */
    GAMMA,
    /** A norm's offset, {@code [channels]}. */
    BETA,
    /** A norm's running mean, {@code [channels]}. */
    MEAN,
    /** A norm's running variance, {@code [channels]}, without epsilon. */
    VARIANCE
  }

  /**
   * How many values each parameter of a node has, in the parameters' order; empty for one that
   * learns nothing.
   */
  public static Map<Parameter, Integer> sizes(Network.Node node) {
    var sizes = new EnumMap<Parameter, Integer>(Parameter.class);
    sizes.putAll(node.accept(new Sizes()));
    return Collections.unmodifiableMap(sizes);
  }

  /** A builder for the weights of a network. */
  public static Builder of(Network network) {
    return new Builder(network);
  }

  /**
   * A copy of one parameter's values.
   *
   * @throws IllegalArgumentException if there are none, or not as many as the node asks for, since
   *     it is of another network
   */
  public float[] get(Network.Node node, Parameter parameter) {
    var found = values.getOrDefault(node.name(), Map.of()).get(parameter);
    if (found == null) {
      throw new IllegalArgumentException("Cannot find the " + parameter + " of " + node);
    }
    var size = sizes(node).get(parameter);
    if (size == null || size != found.length) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot take the %s of '%s' of %s from the weights of another network: %d values,"
                  + " expected %s",
              parameter, node.name(), node.shape(), found.length, size == null ? "none" : size));
    }
    return found.clone();
  }

  /**
   * Folds a batch norm by its running statistics into the convolution before it.
   *
   * @param norm the norm's node
   * @param weight the convolution's, {@code [channels, inputs / groups, kernel, kernel]}; is
   *     overwritten
   * @param bias the convolution's, {@code [channels]}, zeros where it has none; is overwritten
   * @throws IllegalArgumentException if the norm is of another network
   */
  public void fold(Network.Node norm, float[] weight, float[] bias) {
    var gamma = get(norm, Parameter.GAMMA);
    var beta = get(norm, Parameter.BETA);
    var mean = get(norm, Parameter.MEAN);
    var variance = get(norm, Parameter.VARIANCE);
    double epsilon = ((Operation.BatchNorm) norm.operation()).epsilon();
    int taps = weight.length / bias.length;
    for (int channel = 0; channel < bias.length; channel++) {
      double factor = gamma[channel] / Math.sqrt(variance[channel] + epsilon);
      bias[channel] = (float) (beta[channel] + (bias[channel] - mean[channel]) * factor);
      for (int i = channel * taps; i < (channel + 1) * taps; i++) {
        weight[i] = (float) (weight[i] * factor);
      }
    }
  }

  /** Takes the values of one parameter after another. */
  public static final class Builder {
    private final Network network;
    private final Map<String, Map<Parameter, float[]>> values = new LinkedHashMap<>();

    private Builder(Network network) {
      this.network = network;
    }

    /**
     * Sets a parameter.
     *
     * @throws IllegalArgumentException if the node has no such parameter, or not as many values
     */
    public Builder put(Network.Node node, Parameter parameter, float[] value) {
      var size = sizes(network.node(node.name())).get(parameter);
      if (size == null || size != value.length) {
        throw new IllegalArgumentException(
            String.format(
                "Cannot set the %s of %s to %d values: expected %s",
                parameter, node, value.length, size == null ? "none" : size));
      }
      values
          .computeIfAbsent(node.name(), name -> new EnumMap<>(Parameter.class))
          .put(parameter, value.clone());
      return this;
    }

    /**
     * The weights.
     *
     * @throws IllegalStateException if a parameter has not been set
     */
    public Weights build() {
      for (var node : network.nodes()) {
        for (var parameter : sizes(node).keySet()) {
          if (!values.getOrDefault(node.name(), Map.of()).containsKey(parameter)) {
            throw new IllegalStateException(
                "Cannot leave the " + parameter + " of " + node + " out");
          }
        }
      }
      var copies = new LinkedHashMap<String, Map<Parameter, float[]>>();
      values.forEach((node, parameters) -> copies.put(node, new EnumMap<>(parameters)));
      return new Weights(copies);
    }
  }

  private static final class Sizes implements Operation.Visitor<Map<Parameter, Integer>> {
    @Override
    public Map<Parameter, Integer> visit(Operation.Input operation, Network.Node node) {
      return Map.of();
    }

    @Override
    public Map<Parameter, Integer> visit(Operation.Convolution operation, Network.Node node) {
      int inputs = node.onlyInput().shape().channels() / operation.groups();
      int kernel = operation.kernel();
      int weights =
          Math.multiplyExact(operation.channels(), Math.multiplyExact(inputs, kernel * kernel));
      return operation.bias()
          ? Map.of(Parameter.WEIGHT, weights, Parameter.BIAS, operation.channels())
          : Map.of(Parameter.WEIGHT, weights);
    }

    @Override
    public Map<Parameter, Integer> visit(Operation.BatchNorm operation, Network.Node node) {
      int channels = node.shape().channels();
      return Map.of(
          Parameter.GAMMA, channels,
          Parameter.BETA, channels,
          Parameter.MEAN, channels,
          Parameter.VARIANCE, channels);
    }

    @Override
    public Map<Parameter, Integer> visit(Operation.Activation operation, Network.Node node) {
      return Map.of();
    }

    @Override
    public Map<Parameter, Integer> visit(Operation.Add operation, Network.Node node) {
      return Map.of();
    }

    @Override
    public Map<Parameter, Integer> visit(Operation.Scale operation, Network.Node node) {
      return Map.of();
    }

    @Override
    public Map<Parameter, Integer> visit(ChannelOperation.Concat operation, Network.Node node) {
      return Map.of();
    }

    @Override
    public Map<Parameter, Integer> visit(ChannelOperation.Slice operation, Network.Node node) {
      return Map.of();
    }

    @Override
    public Map<Parameter, Integer> visit(ChannelOperation.Shuffle operation, Network.Node node) {
      return Map.of();
    }

    @Override
    public Map<Parameter, Integer> visit(Operation.MaxPool operation, Network.Node node) {
      return Map.of();
    }

    @Override
    public Map<Parameter, Integer> visit(Operation.AveragePool operation, Network.Node node) {
      return Map.of();
    }

    @Override
    public Map<Parameter, Integer> visit(Operation.Flatten operation, Network.Node node) {
      return Map.of();
    }

    @Override
    public Map<Parameter, Integer> visit(Operation.GlobalAveragePool operation, Network.Node node) {
      return Map.of();
    }

    @Override
    public Map<Parameter, Integer> visit(Operation.Dropout operation, Network.Node node) {
      return Map.of();
    }

    @Override
    public Map<Parameter, Integer> visit(Operation.Dense operation, Network.Node node) {
      int channels = operation.channels();
      return Map.of(
          Parameter.WEIGHT,
          Math.multiplyExact(channels, node.onlyInput().shape().channels()),
          Parameter.BIAS,
          channels);
    }
  }
}
