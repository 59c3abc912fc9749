package dev.expanse.core.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import dev.expanse.core.network.Operation.Activation;
import java.util.Optional;
import org.bytedeco.dnnl.binary;
import org.bytedeco.dnnl.eltwise_backward;
import org.bytedeco.dnnl.eltwise_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.javacpp.Pointer;

/** What is computed of so many values, each by itself: an activation, its gradient, a sum. */
final class Elementwise extends Primitives {
  /** Those that no call is using. */
  static final Reserve<Key, Elementwise> IDLE = new Reserve<>(UnitPart.KEPT, Elementwise::of);

  private final memory a;
  private final memory b;
  private final memory c;
  private final Step step;

  /** Which one. */
  enum Kind {
    /** The activation of {@code a} into {@code c}. */
    ACTIVATION,
    /** From the activation's output {@code a} and its gradient {@code b} to the input's. */
    GRADIENT,
    /** The sum of {@code a} and {@code b}, activated if there is a function. */
    SUM
  }

  /**
   * On what.
   *
   * @param kind which one
   * @param values how many values
   * @param function the function; only a sum may lack one
   */
  record Key(Kind kind, long values, Optional<Activation.Function> function) {}

  private Elementwise(Key key) {
    var values = floats(memory.format_tag.x, key.values());
    a = argument(values);
    b = argument(values);
    c = argument(values);
    step =
        switch (key.kind()) {
          case ACTIVATION -> activation(values, key.function().orElseThrow());
          case GRADIENT -> gradient(values, key.function().orElseThrow());
          case SUM -> sum(values, key.function());
        };
  }

  static Elementwise of(Key key) {
    return make(() -> new Elementwise(key));
  }

  private eltwise_forward.primitive_desc forward(memory.desc values, Activation.Function function) {
    var bounds = parameters(function);
    return new eltwise_forward.primitive_desc(
        new eltwise_forward.desc(
            dnnl_forward_training, algorithm(function), values, bounds[0], bounds[1]),
        attributes(),
        engine,
        false);
  }

  private Step activation(memory.desc values, Activation.Function function) {
    var description = forward(values, function);
    return step(new eltwise_forward(description), description, DNNL_ARG_SRC, a, DNNL_ARG_DST, c);
  }

  private Step gradient(memory.desc values, Activation.Function function) {
    var bounds = parameters(function);
    var description =
        new eltwise_backward.primitive_desc(
            new eltwise_backward.desc(algorithm(function), values, values, bounds[0], bounds[1]),
            attributes(),
            engine,
            forward(values, function),
            false);
    return step(
        new eltwise_backward(description),
        description,
        DNNL_ARG_DST,
        a,
        DNNL_ARG_DIFF_DST,
        b,
        DNNL_ARG_DIFF_SRC,
        c);
  }

  private Step sum(memory.desc values, Optional<Activation.Function> function) {
    var operations = new post_ops();
    function.ifPresent(then -> InferenceOneDnn.append(operations, then));
    var description =
        new binary.primitive_desc(
            new binary.desc(dnnl_binary_add, values, values, values),
            attributes(operations),
            engine,
            false);
    return step(
        new binary(description),
        description,
        DNNL_ARG_SRC_0,
        a,
        DNNL_ARG_SRC_1,
        b,
        DNNL_ARG_DST,
        c);
  }

  /** Computes {@code c}, which may be one of the others; an activation reads no {@code b}. */
  void run(Pointer aAt, Pointer bAt, Pointer cAt, Scratch scratch) {
    a.set_data_handle(aAt);
    b.set_data_handle(bAt);
    c.set_data_handle(cAt);
    scratchpads(scratch, step);
    step.run(scratch);
  }
}
