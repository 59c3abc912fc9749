package dev.expanse.core.onednn;

import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Shape;
import dev.expanse.core.onednn.InferenceStep.Apply;
import dev.expanse.core.onednn.InferenceStep.Convolve;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Which of oneDNN's implementations of a convolution is the fastest on this CPU. oneDNN takes the
 * first that can do it, in an order that was right on other CPUs: on one whose 512-bit units are
 * two of 256 bits, narrow convolutions are up to a third faster with the shorter vectors.
 *
 * <p>Each problem is measured once in a process, so that all networks compiled in it, which may
 * differ from one another in rounding otherwise, give the same results; and on one thread, because
 * threads that wait for each other on a busy machine tell nothing about the code.
 */
final class InferenceTuning {
  private static final Map<Problem, String> FASTEST = new ConcurrentHashMap<>();
  private static final int TRIALS = 8;

  /** An implementation this many times slower than another is not tried again. */
  private static final double HOPELESS = 2;

  /** What an implementation has to need of another's time to be taken instead. */
  private static final double BETTER = 0.95;

  private final InferenceOneDnn oneDnn;

  InferenceTuning(InferenceOneDnn oneDnn) {
    this.oneDnn = oneDnn;
  }

  private record Problem(
      InferenceLayout layout,
      int images,
      Shape input,
      Convolution filter,
      List<String> postOperations) {
    static Problem of(InferenceLayout layout, Convolve step, int images) {
      var operations =
          step.result().postOperations().stream()
              .map(operation -> operation instanceof Apply a ? a.function().name() : "SUM")
              .toList();
      var input = step.input().shape();
      return new Problem(layout, images, input, step.filter().shape(), operations);
    }
  }

  /**
   * The fastest implementation of a step.
   *
   * @param description makes a description of the step, of oneDNN's first implementation
   */
  convolution_forward.primitive_desc fastest(
      Convolve step, int images, Supplier<convolution_forward.primitive_desc> description) {
    var problem = Problem.of(oneDnn.layout(), step, images);
    var fastest = FASTEST.get(problem);
    if (fastest == null) {
      // not computed within the map: it would block others for as long
      var measured =
          OneDnn.onThreads(1, () -> InferenceOneDnn.temporarily(() -> measured(description)));
      var earlier = FASTEST.putIfAbsent(problem, measured);
      fastest = earlier == null ? measured : earlier;
    }
    return named(fastest, description);
  }

  /** The implementation of that name, or if there is none for so many threads, the first. */
  private static convolution_forward.primitive_desc named(
      String name, Supplier<convolution_forward.primitive_desc> description) {
    var candidate = description.get();
    do {
      if (InferenceOneDnn.implementation(candidate).equals(name)) {
        return candidate;
      }
    } while (candidate.next_impl());
    return description.get();
  }

  /** The name of the fastest implementation. */
  private String measured(Supplier<convolution_forward.primitive_desc> description) {
    var candidate = description.get();
    var source = filled(candidate.src_desc());
    var destination = filled(candidate.dst_desc());
    var fastest = InferenceOneDnn.implementation(candidate);
    double least = nanoseconds(candidate, source, destination, Double.POSITIVE_INFINITY);
    while (candidate.next_impl()) {
      var name = InferenceOneDnn.implementation(candidate);
      if (isWorthwhile(name)) {
        double limit = least * HOPELESS;
        double time =
            InferenceOneDnn.temporarily(() -> nanoseconds(candidate, source, destination, limit));
        if (time < least * BETTER) {
          least = time;
          fastest = name;
        }
      }
    }
    return fastest;
  }

  private static boolean isWorthwhile(String name) {
    return !name.contains("ref") && !name.contains("gemm:") && !name.contains("sse41");
  }

  /** The least time of several, or of one that takes longer than {@code limit}. */
  private double nanoseconds(
      convolution_forward.primitive_desc candidate,
      memory source,
      memory destination,
      double limit) {
    var primitive = new convolution_forward(candidate);
    var arguments =
        new IntMemoryMap()
            .put(dnnl.DNNL_ARG_SRC, source)
            .put(dnnl.DNNL_ARG_WEIGHTS, filled(candidate.weights_desc()))
            .put(dnnl.DNNL_ARG_BIAS, filled(candidate.bias_desc()))
            .put(dnnl.DNNL_ARG_DST, destination)
            .put(
                dnnl.DNNL_ARG_SCRATCHPAD, new memory(candidate.scratchpad_desc(), oneDnn.engine()));
    var stream = new stream(oneDnn.engine());
    primitive.execute(stream, arguments); // brings code and data into the caches
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < TRIALS && (i == 0 || least < limit); i++) {
      long start = System.nanoTime();
      primitive.execute(stream, arguments);
      stream._wait();
      least = Math.min(least, System.nanoTime() - start);
    }
    return least;
  }

  /** Memory of ordinary values: zeros and denormal ones have times of their own. */
  private memory filled(memory.desc description) {
    var memory = new memory(description, oneDnn.engine());
    var values = new float[(int) (description.get_size() / Float.BYTES)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i % 251 - 125) / 1000f;
    }
    new FloatPointer(memory.get_data_handle()).put(values);
    return memory;
  }
}
