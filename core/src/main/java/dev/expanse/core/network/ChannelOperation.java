package dev.expanse.core.network;

import java.util.List;

/** What only puts channels elsewhere. */
public sealed interface ChannelOperation extends Operation {

  /** The channels of several feature maps of one size, one map after another. */
  record Concat() implements ChannelOperation {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      if (inputs.size() < 2) {
        throw new IllegalArgumentException("takes at least 2 inputs, not " + inputs);
      }
      var first = inputs.get(0);
      for (var input : inputs) {
        if (input.height() != first.height() || input.width() != first.width()) {
          throw new IllegalArgumentException("cannot concatenate inputs of " + inputs);
        }
      }
      int channels = inputs.stream().mapToInt(Shape::channels).reduce(0, Math::addExact);
      return new Shape(first.height(), first.width(), channels);
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /**
   * Some channels, side by side.
   *
   * @param from the first one
   * @param to the one after the last one
   */
  record Slice(int from, int to) implements ChannelOperation {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      var input = Inputs.only(inputs);
      if (from < 0 || from >= to || to > input.channels()) {
        throw new IllegalArgumentException(
            String.format("cannot take the channels %d to %d of an input of %s", from, to, input));
      }
      return new Shape(input.height(), input.width(), to - from);
    }

    /** How many channels it takes. */
    public int channels() {
      return to - from;
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }

  /**
   * Deals the channels of each group out like cards: with {@code g} groups of {@code n} channels,
   * output channel {@code i * g + j} is channel {@code i} of group {@code j} (Zhang et al.,
   * "ShuffleNet", 2018, section 3.1).
   *
   * @param groups how many groups there are
   */
  record Shuffle(int groups) implements ChannelOperation {
    @Override
    public Shape outputShape(List<Shape> inputs) {
      var input = Inputs.only(inputs);
      if (groups < 1 || input.channels() % groups != 0) {
        throw new IllegalArgumentException(
            String.format("cannot shuffle %d groups of an input of %s", groups, input));
      }
      return input;
    }

    @Override
    public <R> R accept(Visitor<R> visitor, Network.Node node) {
      return visitor.visit(this, node);
    }
  }
}
