package dev.expanse.core.onednn;

import java.lang.ref.Reference;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolution, bias and activation as one unit, as {@link ConvNormActivationUnit} is one with a
 * norm; its shape says whether there are a bias and an activation.
 */
public final class ConvActivationUnit {
  private final UnitShape shape;

  /** A unit on that shape, whose epsilon nothing reads. */
  public ConvActivationUnit(UnitShape shape) {
    this.shape = shape;
  }

  /** What it is computed on. */
  public UnitShape shape() {
    return shape;
  }

  /**
   * What a unit learned, or the gradient of it.
   *
   * @param weights {@code [outputs, inputs / groups, kernel, kernel]}
   * @param bias {@code [outputs]}; empty where the shape has none
   */
  public record Learned(INDArray weights, Optional<INDArray> bias) {}

  /**
   * Runs forward, in training as in inference.
   *
   * @param x the input, {@code [N, H, W, inputs]}
   * @param y takes the output, {@code [N, H', W', outputs]}
   * @throws IllegalArgumentException if an array is not of its shape, or not of floats in row-major
   *     order
   * @throws IllegalStateException if oneDNN is unavailable
   */
  public void forward(Learned learned, INDArray x, INDArray y) {
    var xAt = RowMajor.address("input", x, shape.inputShape());
    var weights = RowMajor.address("weights", learned.weights(), shape.weightShape());
    var bias = learned.bias().map(b -> RowMajor.address("bias", b, shape.outputs())).orElse(null);
    var yAt = RowMajor.address("output", y, shape.outputShape());
    OneDnn.onOneThread(
        () -> {
          try (var parts = new UnitParts(shape)) {
            parts.run((i, part) -> part.convolve(xAt, weights, bias, yAt));
          }
        });
    Reference.reachabilityFence(learned);
    Reference.reachabilityFence(x);
    Reference.reachabilityFence(y);
  }

  /**
   * Runs backward, after {@link #forward}.
   *
   * @param x the input
   * @param y the output
   * @param dy the output's gradient, {@code [N, H', W', outputs]}
   * @param gradient of what is learned, is overwritten
   * @param dx takes the input's gradient, {@code [N, H, W, inputs]}, if asked for
   * @throws IllegalArgumentException if an array is not of its shape, or not of floats in row-major
   *     order
   * @throws IllegalStateException if oneDNN is unavailable
   */
  public void backward(
      Learned learned,
      INDArray x,
      INDArray y,
      INDArray dy,
      Learned gradient,
      Optional<INDArray> dx) {
    var xAt = RowMajor.address("input", x, shape.inputShape());
    var weights = RowMajor.address("weights", learned.weights(), shape.weightShape());
    var yAt = RowMajor.address("output", y, shape.outputShape());
    var dyAt = RowMajor.address("output's gradient", dy, shape.outputShape());
    var dWeights = RowMajor.address("weights' gradient", gradient.weights(), shape.weightShape());
    var dBias = gradient.bias().map(RowMajor::values);
    var dxAt = dx.map(g -> RowMajor.address("input's gradient", g, shape.inputShape()));
    boolean active = shape.activation().isPresent();
    OneDnn.onOneThread(
        () -> {
          try (var parts = active ? new UnitParts(shape) : new UnitParts(shape, dyAt)) {
            parts.run(
                (i, part) -> {
                  if (active) {
                    part.activationGradient(null, yAt, dyAt, null, false);
                  }
                  part.weightGradient(xAt);
                  dxAt.ifPresent(at -> part.inputGradient(at, weights));
                });
            for (int i = 0; i < parts.count(); i++) {
              boolean add = i > 0;
              var part = parts.get(i);
              part.store(dWeights, add);
              dBias.ifPresent(target -> part.storeBias(target, add));
            }
          }
        });
    Reference.reachabilityFence(learned);
    Reference.reachabilityFence(x);
    Reference.reachabilityFence(y);
    Reference.reachabilityFence(dy);
    Reference.reachabilityFence(gradient);
    Reference.reachabilityFence(dx);
  }
}
