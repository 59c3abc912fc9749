package dev.expanse.core.onednn;

import dev.expanse.core.network.Operation.Activation;
import java.util.Optional;

/**
 * What one convolution with batch norm and activation is computed on; padding is {@code (kernel -
 * 1) / 2} on every side.
 *
 * @param batch N, images at once
 * @param height H of the input
 * @param width W of the input
 * @param inputs channels of the input
 * @param outputs channels of the output
 * @param kernel side of the kernel, odd
 * @param stride step in both directions
 * @param groups groups of channels that see only each other
 * @param activation the function after the norm, if any
 * @param epsilon added to the variance
 */
public record UnitShape(
    int batch,
    int height,
    int width,
    int inputs,
    int outputs,
    int kernel,
    int stride,
    int groups,
    Optional<Activation.Function> activation,
    float epsilon) {

  /**
   * @throws IllegalArgumentException if a size is below 1, the kernel is even, or the groups do not
   *     divide the channels
   */
  public UnitShape {
    if (batch < 1 || height < 1 || width < 1 || inputs < 1 || outputs < 1 || stride < 1) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot convolve [%d, %d, %d, %d] to %d channels with stride %d",
              batch, height, width, inputs, outputs, stride));
    }
    if (kernel < 1 || kernel % 2 == 0) {
      throw new IllegalArgumentException(
          "Cannot convolve with a kernel of side " + kernel + ": it must be odd");
    }
    if (groups < 1 || inputs % groups != 0 || outputs % groups != 0) {
      throw new IllegalArgumentException(
          String.format("Cannot convolve %d to %d channels in %d groups", inputs, outputs, groups));
    }
  }

  /** {@code [N, H, W, inputs]}. */
  public long[] inputShape() {
    return new long[] {batch, height, width, inputs};
  }

  /** {@code [N, H', W', outputs]}. */
  public long[] outputShape() {
    return new long[] {batch, steps(height), steps(width), outputs};
  }

  /** {@code [outputs, inputs / groups, kernel, kernel]}. */
  public long[] weightShape() {
    return new long[] {outputs, inputs / groups, kernel, kernel};
  }

  /** The same on another number of images. */
  UnitShape withBatch(int images) {
    return new UnitShape(
        images, height, width, inputs, outputs, kernel, stride, groups, activation, epsilon);
  }

  /** Values of one image of the input. */
  long inputSize() {
    return (long) height * width * inputs;
  }

  /** Pixels of one image of the output. */
  long outputPixels() {
    return (long) steps(height) * steps(width);
  }

  int padding() {
    return (kernel - 1) / 2;
  }

  int steps(int size) {
    return (size + 2 * padding() - kernel) / stride + 1;
  }
}
