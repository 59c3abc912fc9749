package dev.expanse.core.onednn;

import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.onednn.ChannelTiles.Moments;
import java.lang.ref.Reference;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Batch norm and activation as one unit, as {@link ConvNormActivationUnit} is one behind a
 * convolution. Its arrays are of any shape that ends with the channels.
 */
public final class NormActivationUnit {
  private final UnitShape shape;
  private final long length;

  /**
   * A unit.
   *
   * @param batch N, images at once
   * @param pixels of an image
   * @param channels of a pixel
   * @param activation the function after the norm, if any
   * @param epsilon added to the variance
   * @throws IllegalArgumentException if a size is below 1
   */
  public NormActivationUnit(
      int batch,
      int pixels,
      int channels,
      Optional<Activation.Function> activation,
      float epsilon) {
    shape = UnitShape.norm(batch, pixels, channels, activation, epsilon);
    length = (long) batch * pixels * channels;
  }

  /** N, images at once. */
  public int batch() {
    return shape.batch();
  }

  /** How many values its input has. */
  public long length() {
    return length;
  }

  /**
   * What the forward pass in training leaves for the backward pass.
   *
   * @param x the input
   * @param mean the batch's mean of each channel, {@code [channels]}
   * @param variance the batch's variance, biased, {@code [channels]}
   * @param y the output
   */
  public record Kept(INDArray x, INDArray mean, INDArray variance, INDArray y) {}

  /**
   * Runs forward.
   *
   * @param gammaBeta {@code [2 * channels]}, factors, then offsets
   * @param kept in training it takes the batch's statistics, in inference it holds the running
   *     ones; its output is written in both
   * @throws IllegalArgumentException if an array is not of its length, or not of floats in
   *     row-major order
   * @throws IllegalStateException if oneDNN is unavailable
   */
  public void forward(INDArray gammaBeta, Kept kept, boolean training) {
    var x = RowMajor.address("input", kept.x(), length);
    var y = RowMajor.address("output", kept.y(), length);
    var norm = new UnitNorm(shape, gammaBeta, kept.mean(), kept.variance());
    var at = norm.addresses();
    OneDnn.onOneThread(
        () -> {
          try (var parts = new UnitParts(shape)) {
            if (training) {
              var moments = new Moments[parts.count()];
              parts.run((i, part) -> moments[i] = part.moments(x));
              norm.write(moments);
            }
            parts.run((i, part) -> part.normalize(at, x, y));
          }
        });
    Reference.reachabilityFence(gammaBeta);
    Reference.reachabilityFence(kept);
  }

  /**
   * Runs backward, after {@link #forward} in training.
   *
   * @param gammaBeta as there
   * @param dy the output's gradient
   * @param dGammaBeta takes that of factors and offsets
   * @param dx takes the input's
   * @throws IllegalArgumentException if an array is not of its length, or not of floats in
   *     row-major order
   * @throws IllegalStateException if oneDNN is unavailable
   */
  public void backward(
      INDArray gammaBeta, Kept kept, INDArray dy, INDArray dGammaBeta, INDArray dx) {
    var x = RowMajor.address("input", kept.x(), length);
    var y = RowMajor.address("output", kept.y(), length);
    var dyAt = RowMajor.address("output's gradient", dy, length);
    var dxAt = RowMajor.address("input's gradient", dx, length);
    var norm = new UnitNorm(shape, gammaBeta, kept.mean(), kept.variance());
    OneDnn.onOneThread(
        () -> {
          try (var parts = new UnitParts(shape, dxAt)) {
            var throughNorm = norm.backward(parts, x, y, dyAt, dGammaBeta);
            parts.run((i, part) -> throughNorm.accept(part));
          }
        });
    Reference.reachabilityFence(gammaBeta);
    Reference.reachabilityFence(kept);
    Reference.reachabilityFence(dy);
    Reference.reachabilityFence(dGammaBeta);
    Reference.reachabilityFence(dx);
  }
}
