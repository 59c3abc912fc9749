package dev.expanse.core.onednn;

import dev.expanse.core.network.Operation.Activation;
import java.util.Optional;

/**
 * What one unit is computed on: a convolution, a batch norm, an activation, or several of them.
 *
 * @param batch N, images at once
 * @param height H of the input
 * @param width W of the input
 * @param inputs channels of the input
 * @param outputs channels of the output
 * @param kernel side of the kernel
 * @param stride step in both directions
 * @param groups groups of channels that see only each other
 * @param padding zeros on every side, fewer than the kernel's side
 * @param bias whether the convolution adds a value to each output channel
 * @param activation the last function, if any
 * @param epsilon added to the norm's variance
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
    int padding,
    boolean bias,
    Optional<Activation.Function> activation,
    float epsilon) {

  /**
   * @throws IllegalArgumentException if a size is below 1, the padding not below the kernel, the
   *     kernel larger than the padded input, or the groups do not divide the channels
   */
  public UnitShape {
    if (batch < 1 || height < 1 || width < 1 || inputs < 1 || outputs < 1 || stride < 1) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot convolve [%d, %d, %d, %d] to %d channels with stride %d",
              batch, height, width, inputs, outputs, stride));
    }
    if (kernel < 1 || padding < 0 || padding >= kernel) {
      throw new IllegalArgumentException(
          "Cannot convolve with a kernel of side " + kernel + " and a padding of " + padding);
    }
    if (Math.min(height, width) + 2 * padding < kernel) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot convolve [%d, %d, %d, %d] with a kernel of side %d and a padding of %d",
              batch, height, width, inputs, kernel, padding));
    }
    if (groups < 1 || inputs % groups != 0 || outputs % groups != 0) {
      throw new IllegalArgumentException(
          String.format("Cannot convolve %d to %d channels in %d groups", inputs, outputs, groups));
    }
  }

  /** A norm by itself, on so many pixels an image. */
  static UnitShape norm(
      int batch, int pixels, int channels, Optional<Activation.Function> function, float epsilon) {
    return new UnitShape(
        batch, pixels, 1, channels, channels, 1, 1, 1, 0, false, function, epsilon);
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
        images,
        height,
        width,
        inputs,
        outputs,
        kernel,
        stride,
        groups,
        padding,
        bias,
        activation,
        epsilon);
  }

  /** Values of one image of the input. */
  long inputSize() {
    return (long) height * width * inputs;
  }

  /** Pixels of one image of the output. */
  long outputPixels() {
    return (long) steps(height) * steps(width);
  }

  int steps(int size) {
    return (size + 2 * padding - kernel) / stride + 1;
  }
}
