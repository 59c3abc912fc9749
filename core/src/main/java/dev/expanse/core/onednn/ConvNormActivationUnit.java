package dev.expanse.core.onednn;

import dev.expanse.core.onednn.ChannelTiles.Moments;
import java.lang.ref.Reference;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolution, batch norm and activation as one unit, forward and backward, in place on ND4J's
 * arrays: activations {@code [N, H, W, C]}, weights {@code [outputs, inputs / groups, kernel,
 * kernel]}, all of them floats in row-major order.
 *
 * <p>The primitives that compute it are made at the first call for a shape and kept for later
 * calls, of any unit in any thread; they are this class's to close ({@link #releaseIdle()}, and by
 * themselves when very many shapes have come by). A unit holds nothing. Calls from a thread are
 * computed by the {@link Team} that it has asked for, each thread some of the images.
 */
public final class ConvNormActivationUnit {
  private final UnitShape shape;

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
    var x = RowMajor.address("input", kept.x(), shape.inputShape());
    var weights = RowMajor.address("weights", learned.weights(), shape.weightShape());
    var norm = norm(learned, kept);
    var at = norm.addresses();
    var z = RowMajor.address("convolution's output", kept.z(), shape.outputShape());
    var y = RowMajor.address("output", kept.y(), shape.outputShape());
    OneDnn.onOneThread(
        () -> {
          try (var parts = new UnitParts(shape)) {
            if (training) {
              var moments = new Moments[parts.count()];
              parts.run(
                  (i, part) -> {
                    part.convolve(x, weights, z);
                    moments[i] = part.moments(z);
                  });
              norm.write(moments);
              parts.run((i, part) -> part.normalize(at, z, y));
            } else {
              parts.run(
                  (i, part) -> {
                    part.convolve(x, weights, z);
                    part.normalize(at, z, y);
                  });
            }
          }
        });
    // addresses do not keep arrays outside of workspaces from the garbage collector
    Reference.reachabilityFence(learned);
    Reference.reachabilityFence(kept);
  }

  private UnitNorm norm(Learned learned, Kept kept) {
    return new UnitNorm(shape, learned.gammaBeta(), kept.mean(), kept.variance());
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
    var x = RowMajor.address("input", kept.x(), shape.inputShape());
    var weights = RowMajor.address("weights", learned.weights(), shape.weightShape());
    var z = RowMajor.address("convolution's output", kept.z(), shape.outputShape());
    var y = RowMajor.address("output", kept.y(), shape.outputShape());
    var dyAt = RowMajor.address("output's gradient", dy, shape.outputShape());
    var norm = norm(learned, kept);
    var dWeights = RowMajor.address("weights' gradient", gradients.weights(), shape.weightShape());
    var dx = gradients.x().map(g -> RowMajor.address("input's gradient", g, shape.inputShape()));
    OneDnn.onOneThread(
        () -> {
          try (var parts = new UnitParts(shape)) {
            var throughNorm = norm.backward(parts, z, y, dyAt, gradients.gammaBeta());
            parts.run(
                (i, part) -> {
                  throughNorm.accept(part);
                  part.weightGradient(x);
                  dx.ifPresent(at -> part.inputGradient(at, weights));
                });
            for (int i = 0; i < parts.count(); i++) {
              parts.get(i).store(dWeights, i > 0);
            }
          }
        });
    Reference.reachabilityFence(learned);
    Reference.reachabilityFence(kept);
    Reference.reachabilityFence(dy);
    Reference.reachabilityFence(gradients);
  }

  /** Closes all primitives and scratch memory, of any layer, that no call is using. */
  public static void releaseIdle() {
    UnitPart.releaseIdle();
    Elementwise.IDLE.clear();
    Pooling.IDLE.clear();
    StridedCopy.IDLE.clear();
    Scratch.releaseIdle();
  }
}
