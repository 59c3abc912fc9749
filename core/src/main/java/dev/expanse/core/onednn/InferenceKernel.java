package dev.expanse.core.onednn;

import java.util.List;
import java.util.Optional;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;

/**
 * A primitive and what it works on.
 *
 * @param primitive what is executed
 * @param implementation oneDNN's name for the code that does it
 * @param images how many images it takes at once
 * @param arguments all of its arguments
 * @param overwritten the input in whose place the output comes
 */
record InferenceKernel(
    primitive primitive,
    String implementation,
    int images,
    List<Argument> arguments,
    Optional<InferenceValue> overwritten) {

  InferenceKernel {
    arguments = List.copyOf(arguments);
  }

  /** Bytes of memory that it needs while it runs. */
  long scratchpadBytes() {
    return arguments.stream()
        .filter(Scratchpad.class::isInstance)
        .mapToLong(argument -> ((Scratchpad) argument).description().get_size())
        .sum();
  }

  /** An argument by its number, one of {@code DNNL_ARG_…}. */
  sealed interface Argument {
    int number();
  }

  /** A value that another step or the caller writes or reads. */
  record Activation(int number, InferenceValue value, memory.desc description)
      implements Argument {}

  /** Weights. */
  record Constant(int number, memory memory) implements Argument {}

  /** Memory whose contents nobody reads afterwards. */
  record Scratchpad(int number, memory.desc description) implements Argument {}
}
