package dev.expanse.core.onednn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;

/**
 * A primitive and what it works on.
 *
 * @param primitive what is executed
 * @param implementation oneDNN's name for the code that does it
 * @param images how many images it takes
 * @param arguments all of its arguments
 * @param overwritten the input in whose place the output comes
 */
record InferenceKernel(
    primitive primitive,
    String implementation,
    Images images,
    List<Argument> arguments,
    Optional<InferenceValue> overwritten) {

  InferenceKernel {
    arguments = List.copyOf(arguments);
  }

  /**
   * How many images a kernel takes.
   *
   * @param chunk for how many it runs before the next kernel does
   * @param each how many of them it takes at once, a divisor
   */
  record Images(int chunk, int each) {}

  /** A kernel of these arguments and the scratchpad that it asks for. */
  static InferenceKernel of(
      primitive primitive,
      primitive_desc_base description,
      Images images,
      Optional<InferenceValue> overwritten,
      List<Argument> arguments) {
    var all = new ArrayList<>(arguments);
    all.add(new Scratchpad(dnnl.DNNL_ARG_SCRATCHPAD, description.scratchpad_desc()));
    var implementation = InferenceOneDnn.implementation(description);
    return new InferenceKernel(primitive, implementation, images, all, overwritten);
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
