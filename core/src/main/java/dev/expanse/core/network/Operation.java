package dev.expanse.core.network;

import java.util.List;

/**
 * What a node of a {@link Network} does: one of a closed set, each a small immutable record. An
 * operation infers the shape of its output and refuses inputs that it cannot take; what it costs or
 * how an engine runs it is said elsewhere, by a {@link Visitor}.
 */
public sealed interface Operation
    permits ChannelOperation,
        Operation.Strided,
        Operation.Input,
        Operation.BatchNorm,
        Operation.Activation,
        Operation.Add,
        Operation.Scale,
        Operation.GlobalAveragePool,
        Operation.Flatten,
        Operation.Dropout,
        Operation.Dense {

  /**
   * The shape of the output, {@code [H, W, C]}, for inputs of these shapes.
   *
   * @throws IllegalArgumentException if it cannot take them; the message names the shapes
   */
  Shape outputShape(List<Shape> inputs);

  /** Calls the method of {@code visitor} that belongs to this operation. */
  <R> R accept(Visitor<R> visitor, Network.Node node);

  /** One method an operation, so that a reader that forgets one does not compile. */
  interface Visitor<R> {
    R visit(Input operation, Network.Node node);

    R visit(Convolution operation, Network.Node node);

    R visit(BatchNorm operation, Network.Node node);

    R visit(Activation operation, Network.Node node);

    R visit(Add operation, Network.Node node);

    R visit(Scale operation, Network.Node node);

    R visit(ChannelOperation.Concat operation, Network.Node node);

    R visit(ChannelOperation.Slice operation, Network.Node node);

    R visit(ChannelOperation.Shuffle operation, Network.Node node);

    R visit(MaxPool operation, Network.Node node);

    R visit(AveragePool operation, Network.Node node);

    R visit(GlobalAveragePool operation, Network.Node node);

    R visit(Flatten operation, Network.Node node);

    R visit(Dropout operation, Network.Node node);

    R visit(Dense operation, Network.Node node);
  }

  /** What looks at windows of a map, which may lie more than a value apart. */
  sealed interface Strided extends Operation {
    /** How far apart they lie in both directions. */
    int stride();

    /**
     * The same operation with another stride.
     *
     * @throws IllegalArgumentException if that is below 1
     */
    Strided withStride(int other);
  }

  /** The image. */
  record Input(Shape shape) implements Operation {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      Inputs.require(inputs, 0);
      return shape;
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /**
   * A convolution with a square kernel, and zeros added on every side. Weights: {@code [channels,
   * inputs / groups, kernel, kernel]}, and {@code [channels]} if it has a bias.
   *
   * @param channels output channels
   * @param kernel side of the kernel
   * @param stride step in both directions
   * @param groups groups of channels that see only each other; as many as there are channels makes
   *     the convolution depthwise
   * @param padding zeros added on every side
   * @param bias whether a value is added to each output channel
   */
  record Convolution(int channels, int kernel, int stride, int groups, int padding, boolean bias)
      implements Strided {
    /**
     * @throws IllegalArgumentException if a value is below 1, the padding negative or not below the
     *     kernel, or the groups do not divide the channels
     */
    public Convolution {
      if (channels < 1 || stride < 1 || groups < 1 || channels % groups != 0) {
        throw new IllegalArgumentException(
            String.format(
                "Cannot convolve to %d channels in %d groups with stride %d",
                channels, groups, stride));
      }
      if (kernel < 1 || padding < 0 || padding >= kernel) {
        throw new IllegalArgumentException(
            "Cannot convolve with a kernel of side " + kernel + " and a padding of " + padding);
      }
    }

    /**
     * Without bias (a batch norm follows) and with zero padding of {@code (kernel - 1) / 2} on
     * every side, as in torchvision, which keeps the size at stride 1.
     *
     * @throws IllegalArgumentException as above, or if the kernel is even
     */
    public Convolution(int channels, int kernel, int stride, int groups) {
      this(channels, kernel, stride, groups, samePadding(kernel), false);
    }

    private static int samePadding(int kernel) {
      if (kernel % 2 == 0) {
        throw new IllegalArgumentException(
            "Cannot convolve with a kernel of side " + kernel + ": it must be odd");
      }
      return (kernel - 1) / 2;
    }

    /** The same convolution with a bias. */
    public Convolution withBias() {
      return new Convolution(channels, kernel, stride, groups, padding, true);
    }

    /** The same convolution without padding. */
    public Convolution unpadded() {
      return new Convolution(channels, kernel, stride, groups, 0, bias);
    }

    @Override
    public Convolution withStride(int other) {
      return new Convolution(channels, kernel, other, groups, padding, bias);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      var input = Inputs.only(inputs);
      if (input.channels() % groups != 0) {
        throw new IllegalArgumentException(
            String.format(
                "cannot split the %d channels of an input of %s into %d groups",
                input.channels(), input, groups));
      }
      return new Window(kernel, stride, padding).over(input, channels);
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /**
   * Batch normalisation over each channel (Ioffe and Szegedy, 2015).
   *
   * @param epsilon added to the variance
   * @param momentum the share of the old running statistics that a step keeps
   */
  record BatchNorm(double epsilon, double momentum) implements Operation {
    /** With epsilon 1e-5 and momentum 0.9, as in torchvision (which writes 0.1 for 1 - 0.9). */
    public BatchNorm() {
      this(1e-5, 0.9);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      return Inputs.only(inputs);
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /** A function of each value. */
  record Activation(Function function) implements Operation {
    /** The functions known. */
    public enum Function {
      /** {@code max(0, x)}. */
      RELU,
      /** {@code min(6, max(0, x))}. */
      RELU6,
      /** {@code 1 / (1 + exp(-x))}. */
      SIGMOID
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      return Inputs.only(inputs);
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /** The sum of two feature maps of one shape: a residual connection. */
  record Add() implements Operation {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      Inputs.require(inputs, 2);
      if (!inputs.get(0).equals(inputs.get(1))) {
        throw new IllegalArgumentException(
            "cannot add inputs of " + inputs.get(0) + " and " + inputs.get(1));
      }
      return inputs.get(0);
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /**
   * Each channel of a feature map {@code [H, W, C]}, the first input, times its gate {@code [1, 1,
   * C]}, the second (Hu et al., "Squeeze-and-Excitation Networks", 2018, equation 4).
   */
  record Scale() implements Operation {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      Inputs.require(inputs, 2);
      var input = inputs.get(0);
      if (!inputs.get(1).equals(new Shape(1, 1, input.channels()))) {
        throw new IllegalArgumentException(
            "cannot scale an input of " + input + " by one of " + inputs.get(1));
      }
      return input;
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /**
   * The greatest value of each channel in a window; what lies outside the map counts for nothing.
   *
   * @param window what is looked at
   */
  record MaxPool(Window window) implements Strided {
    /** With padding on every side. */
    public MaxPool(int kernel, int stride, int padding) {
      this(new Window(kernel, stride, padding));
    }

    @Override
    public int stride() {
      return window.stride();
    }

    @Override
    public MaxPool withStride(int other) {
      return new MaxPool(new Window(window.kernel(), other, window.padding(), window.ceiling()));
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      var input = Inputs.only(inputs);
      return window.over(input, input.channels());
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /**
   * The mean of each channel in a window without padding.
   *
   * @param kernel side of the window
   * @param stride step in both directions
   */
  record AveragePool(int kernel, int stride) implements Strided {
    @Override
    public AveragePool withStride(int other) {
      return new AveragePool(kernel, other);
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      var input = Inputs.only(inputs);
      return window().over(input, input.channels());
    }

    /** What is looked at. */
    public Window window() {
      return new Window(kernel, stride, 0);
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /** The mean of each channel: {@code [H, W, C]} to {@code [1, 1, C]}. */
  record GlobalAveragePool() implements Operation {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      return new Shape(1, 1, Inputs.only(inputs).channels());
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /**
   * Dropout in training, nothing in inference.
   *
   * @param rate the probability that a value is set to zero, at least 0 and below 1
   */
  record Dropout(double rate) implements Operation {
    /**
     * @throws IllegalArgumentException if the rate is out of range
     */
    public Dropout {
      if (!(rate >= 0 && rate < 1)) {
        throw new IllegalArgumentException("Cannot drop with a rate of " + rate);
      }
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      return Inputs.only(inputs);
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /** A feature map as a vector: {@code [H, W, C]} to {@code [1, 1, H * W * C]}, rows first. */
  record Flatten() implements Operation {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      return new Shape(1, 1, Math.toIntExact(Inputs.only(inputs).size()));
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /**
   * A fully connected layer with bias, {@code [1, 1, C]} to {@code [1, 1, channels]}. The
   * classifier's outputs are logits.
   */
  record Dense(int channels) implements Operation {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      var input = Inputs.only(inputs);
      if (input.height() != 1 || input.width() != 1) {
        throw new IllegalArgumentException(
            "cannot map an input of " + input + " to " + new Shape(1, 1, channels) + ": pool it");
      }
      return new Shape(1, 1, channels);
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }
}
