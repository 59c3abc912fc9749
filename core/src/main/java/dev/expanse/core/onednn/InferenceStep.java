package dev.expanse.core.onednn;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation.Activation.Function;
import java.util.ArrayList;
import java.util.List;

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

    void visit(Add step);

    void visit(Activate step);

    void visit(Pool step);

    void visit(Connect step);

    void visit(Softmax step);
  }

  /**
   * A convolution, with the norm folded into it, and what follows it value by value.
   *
   * @param raw the result before the first post-operation
   */
  record Convolve(
      InferenceValue input,
      InferenceFilter filter,
      InferenceValue raw,
      List<PostOperation> postOperations)
      implements InferenceStep {
    public Convolve {
      postOperations = List.copyOf(postOperations);
    }

    @Override
    public InferenceValue output() {
      int count = postOperations.size();
      return count == 0 ? raw : postOperations.get(count - 1).output();
    }

    @Override
    public List<InferenceValue> inputs() {
      var inputs = new ArrayList<InferenceValue>(List.of(input));
      for (var operation : postOperations) {
        if (operation instanceof Accumulate accumulate) {
          inputs.add(accumulate.shortcut());
        }
      }
      return inputs;
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }

    /** The same with its first {@code count} post-operations only. */
    Convolve first(int count) {
      return new Convolve(input, filter, raw, postOperations.subList(0, count));
    }
  }

  /** The sum of two values. */
  record Add(InferenceValue left, InferenceValue right, InferenceValue output)
      implements InferenceStep {
    @Override
    public List<InferenceValue> inputs() {
      return List.of(left, right);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
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

  /** The mean of each channel. */
  record Pool(InferenceValue input, InferenceValue output) implements InferenceStep {
    @Override
    public List<InferenceValue> inputs() {
      return List.of(input);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /** A fully connected layer; {@code dense} has the weights. */
  record Connect(InferenceValue input, Network.Node dense, InferenceValue output)
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

  /** What a convolution may do to its result before it writes it. */
  sealed interface PostOperation {
    /** The result. */
    InferenceValue output();
  }

  /** A function of each value. */
  record Apply(Function function, InferenceValue output) implements PostOperation {}

  /** Adds another value. */
  record Accumulate(InferenceValue shortcut, InferenceValue output) implements PostOperation {}
}
