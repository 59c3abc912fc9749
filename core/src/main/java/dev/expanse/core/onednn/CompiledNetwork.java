package dev.expanse.core.onednn;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Weights;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.bytedeco.javacpp.PointerScope;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A trained network, made ready to answer as fast as this CPU can: a fixed sequence of oneDNN
 * primitives for a fixed batch. Norms are folded into the weights of convolutions, activations and
 * residual adds are post-operations, weights are in the layout that oneDNN prefers, and all
 * activations share one piece of memory, the arena. Running it allocates nothing natively.
 *
 * <p>An instance may be used by one thread after another but not by two at once; instances do not
 * disturb each other. It owns native memory until it is closed.
 */
public final class CompiledNetwork implements AutoCloseable {
  private final Network network;
  private final int batch;
  private final int threads;
  private final long[] imageShape;
  private final PointerScope owned;
  private final InferenceProgram program;
  private final ReentrantLock use = new ReentrantLock();
  private boolean closed;

  private CompiledNetwork(
      Network network, int batch, int threads, PointerScope owned, InferenceProgram program) {
    this.network = network;
    this.batch = batch;
    this.threads = threads;
    var shape = network.input().shape();
    this.imageShape = new long[] {batch, shape.height(), shape.width(), shape.channels()};
    this.owned = owned;
    this.program = program;
  }

  /** Which of oneDNN's implementations compute a network. */
  public enum Choice {
    /**
     * Those that are the fastest on this CPU. The first time that a process meets a convolution of
     * some size it takes some milliseconds to find out; later compilations know it.
     */
    FASTEST,
    /** Those that oneDNN takes by itself: on one kind of CPU the results are always the same. */
    REPEATABLE
  }

  /**
   * Compiles a network for speed, with {@link Choice#FASTEST}.
   *
   * @throws IllegalArgumentException as {@link #compile(Network, Weights, int, int, Choice)}
   * @throws IllegalStateException if oneDNN is not available here
   */
  public static CompiledNetwork compile(Network network, Weights weights, int batch, int threads) {
    return compile(network, weights, batch, threads, Choice.FASTEST);
  }

  /**
   * Compiles a network.
   *
   * @param network what is computed
   * @param weights its learned values, which are copied
   * @param batch how many images a run takes, at least 1
   * @param threads how many threads a run computes on, at least 1
   * @param choice of implementations
   * @throws IllegalArgumentException if {@code batch} or {@code threads} is below 1, the weights
   *     are of another network, or oneDNN has no primitive for an operation; the message names the
   *     node and its shape
   * @throws IllegalStateException if oneDNN is not available here
   */
  public static CompiledNetwork compile(
      Network network, Weights weights, int batch, int threads, Choice choice) {
    if (batch < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "Cannot compile for batches of " + batch + " images on " + threads + " threads");
    }
    var inference = network.inference();
    OneDnn.engine(); // made before there is a scope that would own it
    return OneDnn.onThreads(
        threads,
        () -> {
          try (var scope = InferenceOneDnn.scope()) {
            var layout = InferenceLayout.of(inference);
            var steps = InferenceFusion.steps(inference, layout);
            var chunks = InferenceChunks.of(steps, batch);
            var parts = InferenceParts.of(steps, layout);
            var oneDnn = new InferenceOneDnn(layout);
            var kernels = InferenceKernels.of(oneDnn, steps, parts, chunks, weights, choice);
            var program = new InferenceProgram(kernels, parts, batch);
            var compiled = new CompiledNetwork(network, batch, threads, scope, program);
            scope.extend();
            return compiled;
          }
        });
  }

  /** What is computed. */
  public Network network() {
    return network;
  }

  /** How many images a run takes. */
  public int batch() {
    return batch;
  }

  /** How many threads a run computes on. */
  public int threads() {
    return threads;
  }

  /** How many bytes of native memory activations and scratchpads take, weights excluded. */
  public long arenaBytes() {
    return program.arenaBytes();
  }

  /**
   * Computes the probabilities of a batch of images.
   *
   * @param images {@code [batch, H, W, C]} of {@code FLOAT}; copied first unless it is in row-major
   *     order without gaps
   * @return a new array {@code [batch, classes]}; each row sums to 1
   * @throws IllegalArgumentException if the images are of another shape or type, or closed
   * @throws IllegalStateException if this is closed, or in use by another thread
   */
  public INDArray probabilities(INDArray images) {
    var probabilities = Nd4j.createUninitialized(DataType.FLOAT, batch, network.classes());
    run(images, probabilities);
    return probabilities;
  }

  /**
   * Computes the probabilities of a batch of images into an array of the caller's.
   *
   * @param images {@code [batch, H, W, C]} of {@code FLOAT}; copied first unless it is in row-major
   *     order without gaps
   * @param probabilities {@code [batch, classes]} of {@code FLOAT} in row-major order without gaps,
   *     which is overwritten; each row then sums to 1
   * @throws IllegalArgumentException if an array is of another shape, type or order, or closed
   * @throws IllegalStateException if this is closed, or in use by another thread
   */
  public void run(INDArray images, INDArray probabilities) {
    if (!use.tryLock()) {
      throw new IllegalStateException(
          "Cannot run a compiled network that another thread is using: compile one for each");
    }
    try {
      if (closed) {
        throw new IllegalStateException("Cannot run a compiled network that is closed");
      }
      requireOpen("images", images);
      requireOpen("probabilities", probabilities);
      if (images.dataType() == DataType.FLOAT
          && Arrays.equals(images.shape(), imageShape)
          && !RowMajor.is(images)) {
        runOnCopy(images, probabilities);
      } else {
        runInPlace(images, probabilities);
      }
    } finally {
      use.unlock();
    }
  }

  private static void requireOpen(String role, INDArray array) {
    if (array.wasClosed()) {
      throw new IllegalArgumentException("Cannot compute with " + role + " that are closed");
    }
  }

  private void runOnCopy(INDArray images, INDArray probabilities) {
    try (var copy = Nd4j.createUninitializedDetached(DataType.FLOAT, images.shape())) {
      copy.assign(images);
      runInPlace(copy, probabilities);
    }
  }

  private void runInPlace(INDArray images, INDArray probabilities) {
    var from = RowMajor.address("batch of images", images, imageShape);
    var to = RowMajor.address("batch of probabilities", probabilities, batch, network.classes());
    try {
      OneDnn.onThreads(
          threads,
          () -> {
            program.run(from, to);
            return null;
          });
    } finally {
      Reference.reachabilityFence(images);
      Reference.reachabilityFence(probabilities);
    }
  }

  /**
   * Frees the native memory, after a run that is under way in another thread. Closing it again does
   * nothing.
   */
  @Override
  public void close() {
    use.lock();
    try {
      if (!closed) {
        closed = true;
        owned.close();
      }
    } finally {
      use.unlock();
    }
  }
}
