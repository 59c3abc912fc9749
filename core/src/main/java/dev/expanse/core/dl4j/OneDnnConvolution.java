package dev.expanse.core.dl4j;

import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.onednn.UnitShape;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** The configuration of a layer that is a convolution, and what follows it at once. */
public abstract class OneDnnConvolution extends OneDnnLayer {
  private static final long serialVersionUID = 1L;

  @JsonProperty private int kernel;
  @JsonProperty private int stride;
  @JsonProperty private int groups;
  @JsonProperty private int padding;
  @JsonProperty private boolean bias;
  @JsonProperty private Activation.Function function;
  @JsonProperty private boolean inputGradient;

  /** For Jackson. */
  OneDnnConvolution() {}

  /**
   * @param inputs channels of the input
   * @param last the function after everything else, if any
   * @param readGradient whether anything reads the gradient of the input: not where that is the
   *     image
   */
  OneDnnConvolution(
      Convolution convolution,
      int inputs,
      Optional<Activation.Function> last,
      boolean readGradient) {
    nIn = inputs;
    nOut = convolution.channels();
    kernel = convolution.kernel();
    stride = convolution.stride();
    groups = convolution.groups();
    padding = convolution.padding();
    bias = convolution.bias();
    function = last.orElse(null);
    inputGradient = readGradient;
  }

  final boolean bias() {
    return bias;
  }

  /** Whether anything reads the gradient of the input. */
  final boolean inputGradient() {
    return inputGradient;
  }

  /** What the norm adds to the variance, where there is a norm. */
  abstract double epsilon();

  /** {@code [outputs, inputs / groups, kernel, kernel]}. */
  final long[] weightShape() {
    return new long[] {nOut, nIn / groups, kernel, kernel};
  }

  /**
   * What is computed on an input.
   *
   * @throws IllegalArgumentException unless that is {@code [N, H, W, inputs]}
   */
  final UnitShape shapeOn(INDArray x) {
    if (x.rank() != 4) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot convolve in '%s': expected an input of [N, H, W, %d], not of rank %d",
              getLayerName(), nIn, x.rank()));
    }
    return shapeOn((int) x.size(0), (int) x.size(1), (int) x.size(2));
  }

  private UnitShape shapeOn(int batch, int height, int width) {
    return new UnitShape(
        batch,
        height,
        width,
        (int) nIn,
        (int) nOut,
        kernel,
        stride,
        groups,
        padding,
        bias,
        Optional.ofNullable(function),
        (float) epsilon());
  }

  /** Whether a shape is that on an input. */
  static boolean fits(UnitShape shape, INDArray x) {
    return x.rank() == 4
        && shape.batch() == x.size(0)
        && shape.height() == x.size(1)
        && shape.width() == x.size(2);
  }

  @Override
  public final InputType getOutputType(int index, InputType type) {
    var input = checked(type);
    var output = shapeOn(1, (int) input.getHeight(), (int) input.getWidth()).outputShape();
    return InputType.convolutional(output[1], output[2], nOut, CNN2DFormat.NHWC);
  }

  @Override
  final InputType.InputTypeConvolutional checked(InputType type) {
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
  public boolean equals(Object other) {
    return other instanceof OneDnnConvolution o
        && super.equals(o)
        && kernel == o.kernel
        && stride == o.stride
        && groups == o.groups
        && padding == o.padding
        && bias == o.bias
        && function == o.function
        && inputGradient == o.inputGradient;
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), kernel, stride, groups, padding, bias, function);
  }
}
