package dev.expanse.core.dl4j;

import dev.expanse.core.network.Operation.Activation;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The configuration of a layer that is convolution, batch norm and activation at once, on
 * activations {@code [N, H, W, C]}: {@code W}, {@code gamma}, {@code beta}, {@code mean} and {@code
 * var}. Only the weights have a weight decay.
 */
public final class FusedConvolution extends FeedForwardLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty private int kernel;
  @JsonProperty private int stride;
  @JsonProperty private int groups;
  @JsonProperty private Activation.Function function;
  @JsonProperty private double epsilon;
  @JsonProperty private double momentum;
  @JsonProperty private boolean inputGradient;

  /** For Jackson. */
  private FusedConvolution() {}

  private FusedConvolution(Builder builder) {
    nIn = builder.inputs;
    nOut = builder.outputs;
    kernel = builder.kernel;
    stride = builder.stride;
    groups = builder.groups;
    function = builder.function;
    epsilon = builder.epsilon;
    momentum = builder.momentum;
    inputGradient = builder.inputGradient;
    setActivationFn(new ActivationIdentity()); // what DL4J would apply to the output
  }

  /** A builder for a convolution of {@code inputs} to {@code outputs} channels. */
  static Builder convolution(int inputs, int outputs) {
    return new Builder(inputs, outputs);
  }

  int kernel() {
    return kernel;
  }

  int stride() {
    return stride;
  }

  int groups() {
    return groups;
  }

  Optional<Activation.Function> function() {
    return Optional.ofNullable(function);
  }

  double epsilon() {
    return epsilon;
  }

  double momentum() {
    return momentum;
  }

  /** Whether anything reads the gradient of the input. */
  boolean inputGradient() {
    return inputGradient;
  }

  /** How many values {@code W} has. */
  long weights() {
    return nOut * (nIn / groups) * kernel * kernel;
  }

  @Override
  public org.deeplearning4j.nn.api.Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int index,
      INDArray parameters,
      boolean initialize,
      DataType type) {
    var layer = new FusedConvolutionLayer(conf, type);
    layer.setListeners(listeners);
    layer.setIndex(index);
    layer.setParamsViewArray(parameters);
    layer.setParamTable(initializer().init(conf, parameters, initialize));
    layer.setConf(conf);
    return layer;
  }

  @Override
  public ParamInitializer initializer() {
    return FusedConvolutionParameters.INSTANCE;
  }

  @Override
  public InputType getOutputType(int index, InputType type) {
    var input = images(type);
    return InputType.convolutional(
        steps(input.getHeight()), steps(input.getWidth()), nOut, CNN2DFormat.NHWC);
  }

  private long steps(long size) {
    return (size - 1) / stride + 1; // (size + 2 (kernel - 1) / 2 - kernel) / stride + 1
  }

  private InputType.InputTypeConvolutional images(InputType type) {
    if (type instanceof InputType.InputTypeConvolutional input
        && input.getFormat() == CNN2DFormat.NHWC
        && input.getChannels() == nIn) {
      return input;
    }
    throw new IllegalArgumentException(
        String.format(
            "Cannot convolve in '%s': expected an input of [N, H, W, %d], not %s",
            getLayerName(), nIn, type));
  }

  @Override
  public void setNIn(InputType type, boolean override) {
    images(type);
  }

  @Override
  public InputPreProcessor getPreProcessorForInputType(InputType type) {
    return null;
  }

  @Override
  public List<Regularization> getRegularizationByParam(String name) {
    return initializer().isWeightParam(this, name) ? getRegularization() : null;
  }

  @Override
  public LayerMemoryReport getMemoryReport(InputType type) {
    long values = getOutputType(0, type).arrayElementsPerExample();
    long parameters = initializer().numParams(this);
    return new LayerMemoryReport.Builder(
            layerName, FusedConvolution.class, type, getOutputType(0, type))
        .standardMemory(parameters, getIUpdater().stateSize(parameters))
        .workingMemory(0, 0, 0, 2 * values) // the convolution's output, and its gradient
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FusedConvolution o
        && super.equals(o)
        && kernel == o.kernel
        && stride == o.stride
        && groups == o.groups
        && function == o.function
        && epsilon == o.epsilon
        && momentum == o.momentum
        && inputGradient == o.inputGradient;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), kernel, stride, groups, function, epsilon, momentum);
  }

  /** Takes one property after another. */
  static final class Builder {
    private final int inputs;
    private final int outputs;
    private int kernel = 1;
    private int stride = 1;
    private int groups = 1;
    private Activation.Function function;
    private double epsilon = 1e-5;
    private double momentum = 0.9;
    private boolean inputGradient = true;

    private Builder(int inputs, int outputs) {
      this.inputs = inputs;
      this.outputs = outputs;
    }

    /** Side of the kernel, odd. */
    Builder kernel(int side) {
      kernel = side;
      return this;
    }

    /** Step in both directions. */
    Builder stride(int step) {
      stride = step;
      return this;
    }

    /** Groups of channels that see only each other. */
    Builder groups(int count) {
      groups = count;
      return this;
    }

    /** The activation, if any. */
    Builder activation(Optional<Activation.Function> activation) {
      function = activation.orElse(null);
      return this;
    }

    /** The norm's epsilon, and the share of the old running statistics that a step keeps. */
    Builder norm(double normEpsilon, double normMomentum) {
      epsilon = normEpsilon;
      momentum = normMomentum;
      return this;
    }

    /** Whether anything reads the gradient of the input: not where that is the image. */
    Builder inputGradient(boolean read) {
      inputGradient = read;
      return this;
    }

    FusedConvolution build() {
      return new FusedConvolution(this);
    }
  }
}
