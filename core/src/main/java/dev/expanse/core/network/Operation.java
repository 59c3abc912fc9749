package dev.expanse.core.network;

import java.util.List;

/**
 * What a node of a {@link Network} does: one of a closed set, each a small immutable record. An
 * operation infers the shape of its output and refuses inputs that it cannot take; what it costs or
 * how an engine runs it is said elsewhere, by a {@link Visitor}.
 */
public sealed interface Operation {

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

    R visit(GlobalAveragePool operation, Network.Node node);

    R visit(Dropout operation, Network.Node node);

    R visit(Dense operation, Network.Node node);
  }

  /** The image. */
  record Input(Shape shape) implements Operation {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      requireInputs(inputs, 0);
      return shape;
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /**
   * A convolution without bias (a batch norm follows), with a square kernel and zero padding of
   * {@code (kernel - 1) / 2} on every side, as in torchvision. Weights: {@code [channels, inputs /
   * groups, kernel, kernel]}.
   *
   * @param channels output channels
   * @param kernel side of the kernel, odd
   * @param stride step in both directions
   * @param groups groups of channels that see only each other; as many as there are channels makes
   *     the convolution depthwise
   */
  record Convolution(int channels, int kernel, int stride, int groups) implements Operation {
    /**
     * @throws IllegalArgumentException if a value is below 1, the kernel is even or the groups do
     *     not divide the channels
     */
    public Convolution {
      if (channels < 1 || stride < 1 || groups < 1 || channels % groups != 0) {
        throw new IllegalArgumentException(
            String.format(
                "Cannot convolve to %d channels in %d groups with stride %d",
                channels, groups, stride));
      }
      if (kernel < 1 || kernel % 2 == 0) {
        throw new IllegalArgumentException(
            "Cannot convolve with a kernel of side " + kernel + ": it must be odd");
      }
    }

    /** Zeros added on every side, which keep the size at stride 1. */
    public int padding() {
      return (kernel - 1) / 2;
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      requireInputs(inputs, 1);
      var input = inputs.get(0);
      if (input.channels() % groups != 0) {
        throw new IllegalArgumentException(
            String.format(
                "cannot split the %d channels of an input of %s into %d groups",
                input.channels(), input, groups));
      }
      return new Shape(steps(input.height()), steps(input.width()), channels);
    }

    private int steps(int size) {
      return (size + 2 * padding() - kernel) / stride + 1;
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
      requireInputs(inputs, 1);
      return inputs.get(0);
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
      RELU6
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      requireInputs(inputs, 1);
      return inputs.get(0);
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
      requireInputs(inputs, 2);
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

  /** The mean of each channel: {@code [H, W, C]} to {@code [1, 1, C]}. */
  record GlobalAveragePool() implements Operation {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      requireInputs(inputs, 1);
      return new Shape(1, 1, inputs.get(0).channels());
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
      requireInputs(inputs, 1);
      return inputs.get(0);
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /**
   * The classifier: a fully connected layer with bias, {@code [1, 1, C]} to {@code [1, 1,
   * channels]}. Its outputs are logits.
   */
  record Dense(int channels) implements Operation {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      requireInputs(inputs, 1);
      var input = inputs.get(0);
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

  private static void requireInputs(List<Shape> inputs, int count) {
    if (inputs.size() != count) {
      throw new IllegalArgumentException("takes " + count + " inputs, not " + inputs);
    }
  }
}
