package dev.expanse.core.onednn;

import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation.Activation.Function;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is computed in one go, as far as it can be told without asking oneDNN. */
sealed interface InferenceStep {

  /** What it computes. */
  InferenceValue output();

  /** What it reads, in the order of its arguments. */
  List<InferenceValue> inputs();

  /** Calls the method of {@code visitor} that belongs to this step. */
  void accept(Visitor visitor);

  /** One method a step, so that a reader that forgets one does not compile. */
  interface Visitor {
    void visit(Convolve step);

    void visit(Connect step);

    void visit(Combine step);

    void visit(Activate step);

    void visit(Pool step);

    void visit(Concatenate step);

    void visit(Slice step);

    void visit(Shuffle step);

    void visit(Rearrange step);

    void visit(Softmax step);
  }

  /** A step that may do something to its result, value by value, before it writes it. */
  sealed interface Fused extends InferenceStep {
    /** What it computes by itself, and what it does to that. */
    Result result();

    @Override
    default InferenceValue output() {
      return result().output();
    }

    /** The same with another result. */
    Fused with(Result other);
  }

  /** A convolution, with the norm folded into it. */
  record Convolve(InferenceValue input, InferenceFilter filter, Result result) implements Fused {
    @Override
    public List<InferenceValue> inputs() {
      return result.after(List.of(input));
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }

    @Override
    public Convolve with(Result other) {
      return new Convolve(input, filter, other);
    }
  }

  /**
   * A fully connected layer.
   *
   * @param input a vector, or a feature map that is read as one, rows first
   * @param dense has the weights
   */
  record Connect(InferenceValue input, Network.Node dense, Result result) implements Fused {
    @Override
    public List<InferenceValue> inputs() {
      return result.after(List.of(input));
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }

    @Override
    public Connect with(Result other) {
      return new Connect(input, dense, other);
    }
  }

  /**
   * The sum or the product of two values.
   *
   * @param right of the left one's shape, or of a product {@code [1, 1, C]}
   */
  record Combine(Arithmetic arithmetic, InferenceValue left, InferenceValue right, Result result)
      implements Fused {
    enum Arithmetic {
      ADD,
      MULTIPLY
    }

    @Override
    public List<InferenceValue> inputs() {
      return result.after(List.of(left, right));
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }

    @Override
    public Combine with(Result other) {
      return new Combine(arithmetic, left, right, other);
    }
  }

  /** A function of each value. */
  record Activate(InferenceValue input, Function function, InferenceValue output)
      implements InferenceStep {
    @Override
    public List<InferenceValue> inputs() {
      return List.of(input);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /** The mean or the greatest value of each channel in a window. */
  record Pool(InferenceValue input, PoolingWindow window, InferenceValue output)
      implements InferenceStep {
    @Override
    public List<InferenceValue> inputs() {
      return List.of(input);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /** The channels of several values, one value after another. */
  record Concatenate(List<InferenceValue> inputs, InferenceValue output) implements InferenceStep {
    public Concatenate {
      inputs = List.copyOf(inputs);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /** Some channels of a value. */
  record Slice(InferenceValue input, ChannelOperation.Slice channels, InferenceValue output)
      implements InferenceStep {
    @Override
    public List<InferenceValue> inputs() {
      return List.of(input);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /** The channels of a value in another order. */
  record Shuffle(InferenceValue input, int groups, InferenceValue output) implements InferenceStep {
    @Override
    public List<InferenceValue> inputs() {
      return List.of(input);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /**
   * The same values in another layout: from channels last to that of the other activations, or to
   * channels last if it makes a vector of a feature map.
   */
  record Rearrange(InferenceValue input, InferenceValue output) implements InferenceStep {
    @Override
    public List<InferenceValue> inputs() {
      return List.of(input);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /** Logits to probabilities. */
  record Softmax(InferenceValue input, InferenceValue output) implements InferenceStep {
    @Override
    public List<InferenceValue> inputs() {
      return List.of(input);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /**
   * What comes of a step.
   *
   * @param raw the result before the first post-operation
   */
  record Result(InferenceValue raw, List<PostOperation> postOperations) {
    public Result {
      postOperations = List.copyOf(postOperations);
    }

    InferenceValue output() {
      int count = postOperations.size();
      return count == 0 ? raw : postOperations.get(count - 1).output();
    }

    /** The same with its first {@code count} post-operations only. */
    Result first(int count) {
      return new Result(raw, postOperations.subList(0, count));
    }

    /** The value that is added, if one is; at most one is. */
    Optional<InferenceValue> shortcut() {
      return postOperations.stream()
          .filter(Accumulate.class::isInstance)
          .map(operation -> ((Accumulate) operation).shortcut())
          .findFirst();
    }

    private List<InferenceValue> after(List<InferenceValue> inputs) {
      var all = new ArrayList<>(inputs);
      shortcut().ifPresent(all::add);
      return all;
    }
  }

  /** What a step may do to its result before it writes it. */
  sealed interface PostOperation {
    /** The result. */
    InferenceValue output();
  }

  /** A function of each value. */
  record Apply(Function function, InferenceValue output) implements PostOperation {}

  /** Adds another value. */
  record Accumulate(InferenceValue shortcut, InferenceValue output) implements PostOperation {}
}
