package dev.expanse.core.onednn;

import java.util.Optional;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolution, batch norm and activation as one unit, forward and backward, in place on ND4J's
 * arrays: activations {@code [N, H, W, C]}, weights {@code [outputs, inputs / groups, kernel,
 * kernel]}, all of them floats in row-major order.
 *
 * <p>The primitives that compute it are made at the first call for a shape and a number of threads,
 * and kept for later calls, of any unit in any thread; they are this class's to close ({@link
 * #releaseIdle()}, and by themselves when very many shapes have come by). A unit holds nothing.
 */
public final class ConvNormActivationUnit {
  /** More than the units of any network, forward and backward, for two batch sizes. */
  private static final int KEPT = 2048;

  private static final Reserve<ForwardKey, ForwardPrimitives> FORWARD =
      new Reserve<>(KEPT, key -> ForwardPrimitives.of(key.shape(), key.training()));
  private static final Reserve<BackwardKey, BackwardPrimitives> BACKWARD =
      new Reserve<>(KEPT, key -> BackwardPrimitives.of(key.shape()));
  private static final Reserve<Class<Scratch>, Scratch> SCRATCH =
      new Reserve<>(Integer.MAX_VALUE, key -> new Scratch());

  private final UnitShape shape;

  /** Primitives depend on the number of threads at the time they are made. */
  private record ForwardKey(UnitShape shape, boolean training, int threads) {}

  private record BackwardKey(UnitShape shape, int threads) {}

  /** A unit on that shape. */
  public ConvNormActivationUnit(UnitShape shape) {
    this.shape = shape;
  }

  /** What it is computed on. */
  public UnitShape shape() {
    return shape;
  }

  /**
   * What a unit learned.
   *
   * @param weights {@code [outputs, inputs / groups, kernel, kernel]}
   * @param gammaBeta {@code [2 * outputs]}, the norm's factors, then its offsets
   */
  public record Learned(INDArray weights, INDArray gammaBeta) {}

  /**
   * What the forward pass in training leaves for the backward pass.
   *
   * @param x the input, {@code [N, H, W, inputs]}
   * @param z the convolution's output, {@code [N, H', W', outputs]}
   * @param mean the batch's mean of each channel of {@code z}, {@code [outputs]}
   * @param variance the batch's variance, biased, {@code [outputs]}
   * @param y the unit's output, {@code [N, H', W', outputs]}
   */
  public record Kept(INDArray x, INDArray z, INDArray mean, INDArray variance, INDArray y) {}

  /**
   * The gradients that the backward pass writes.
   *
   * @param weights as {@link Learned#weights()}
   * @param gammaBeta as {@link Learned#gammaBeta()}
   * @param x of the input, {@code [N, H, W, inputs]}, if asked for
   */
  public record Gradients(INDArray weights, INDArray gammaBeta, Optional<INDArray> x) {}

  /**
   * Runs forward in inference: the norm takes the running statistics.
   *
   * @param x the input, {@code [N, H, W, inputs]}
   * @param mean the running mean, {@code [outputs]}
   * @param variance the running variance, {@code [outputs]}
   * @param y takes the output, {@code [N, H', W', outputs]}
   * @throws IllegalArgumentException if an array is not of its shape, or not of floats in row-major
   *     order
   * @throws IllegalStateException if oneDNN is unavailable
   */
  public void infer(Learned learned, INDArray x, INDArray mean, INDArray variance, INDArray y) {
    forward(learned, new Kept(x, y, mean, variance, y), false);
  }

  /**
   * Runs forward in training: reads {@code kept.x()} and writes the rest of {@code kept}.
   *
   * @throws IllegalArgumentException if an array is not of its shape, or not of floats in row-major
   *     order
   * @throws IllegalStateException if oneDNN is unavailable
   */
  public void train(Learned learned, Kept kept) {
    forward(learned, kept, true);
  }

  private void forward(Learned learned, Kept kept, boolean training) {
    var addresses =
        new ForwardPrimitives.Addresses(
            RowMajor.address("input", kept.x(), shape.inputShape()),
            RowMajor.address("weights", learned.weights(), shape.weightShape()),
            gammaBeta(learned.gammaBeta()),
            RowMajor.address("mean", kept.mean(), shape.outputs()),
            RowMajor.address("variance", kept.variance(), shape.outputs()),
            RowMajor.address("convolution's output", kept.z(), shape.outputShape()),
            RowMajor.address("output", kept.y(), shape.outputShape()));
    var key = new ForwardKey(shape, training, OneDnn.threads());
    var primitives = FORWARD.borrow(key);
    var scratch = SCRATCH.borrow(Scratch.class);
    try {
      primitives.run(addresses, scratch);
    } finally {
      SCRATCH.giveBack(Scratch.class, scratch);
      FORWARD.giveBack(key, primitives);
    }
  }

  /**
   * Runs backward, after {@link #train}.
   *
   * @param dy the gradient of the output, {@code [N, H', W', outputs]}
   * @param gradients are overwritten
   * @throws IllegalArgumentException if an array is not of its shape, or not of floats in row-major
   *     order
   * @throws IllegalStateException if oneDNN is unavailable
   */
  public void backward(Learned learned, Kept kept, INDArray dy, Gradients gradients) {
    var given =
        new BackwardPrimitives.Given(
            RowMajor.address("input", kept.x(), shape.inputShape()),
            RowMajor.address("weights", learned.weights(), shape.weightShape()),
            gammaBeta(learned.gammaBeta()),
            RowMajor.address("mean", kept.mean(), shape.outputs()),
            RowMajor.address("variance", kept.variance(), shape.outputs()),
            RowMajor.address("convolution's output", kept.z(), shape.outputShape()),
            RowMajor.address("output", kept.y(), shape.outputShape()),
            RowMajor.address("output's gradient", dy, shape.outputShape()));
    var wanted =
        new BackwardPrimitives.Wanted(
            RowMajor.address("weights' gradient", gradients.weights(), shape.weightShape()),
            gammaBeta(gradients.gammaBeta()),
            gradients
                .x()
                .map(dx -> RowMajor.address("input's gradient", dx, shape.inputShape()))
                .orElse(null));
    var key = new BackwardKey(shape, OneDnn.threads());
    var primitives = BACKWARD.borrow(key);
    var scratch = SCRATCH.borrow(Scratch.class);
    try {
      primitives.run(given, wanted, scratch);
    } finally {
      SCRATCH.giveBack(Scratch.class, scratch);
      BACKWARD.giveBack(key, primitives);
    }
  }

  private Pointer gammaBeta(INDArray array) {
    return RowMajor.address("factors and offsets", array, 2L * shape.outputs());
  }

  /** Closes all primitives and scratch memory that no call is using. */
  public static void releaseIdle() {
    FORWARD.clear();
    BACKWARD.clear();
    SCRATCH.clear();
  }
}
