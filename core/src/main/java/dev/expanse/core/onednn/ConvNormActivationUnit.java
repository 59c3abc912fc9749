package dev.expanse.core.onednn;

import dev.expanse.core.onednn.ChannelTiles.Moments;
import java.lang.ref.Reference;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
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
    var z = RowMajor.address("convolution's output", kept.z(), shape.outputShape());
    var y = RowMajor.address("output", kept.y(), shape.outputShape());
    OneDnn.onOneThread(
        () -> {
          try (var parts = new Parts(shape)) {
            if (training) {
              var moments = new Moments[parts.count()];
              parts.run(
                  (i, part) -> {
                    part.convolve(x, weights, z);
                    moments[i] = part.moments(z);
                  });
              write(Stream.of(moments).reduce(Moments::with).orElseThrow(), kept);
              parts.run((i, part) -> part.normalize(norm, z, y));
            } else {
              parts.run(
                  (i, part) -> {
                    part.convolve(x, weights, z);
                    part.normalize(norm, z, y);
                  });
            }
          }
        });
    // addresses do not keep arrays outside of workspaces from the garbage collector
    Reference.reachabilityFence(learned);
    Reference.reachabilityFence(kept);
  }

  private void write(Moments moments, Kept kept) {
    var mean = RowMajor.values(kept.mean());
    var variance = RowMajor.values(kept.variance());
    for (int c = 0; c < shape.outputs(); c++) {
      mean.put(c, (float) moments.mean()[c]);
      variance.put(c, (float) (moments.squares()[c] / moments.count()));
    }
  }

  private NormActivation.Norm norm(Learned learned, Kept kept) {
    return new NormActivation.Norm(
        gammaBeta(learned.gammaBeta()),
        RowMajor.address("mean", kept.mean(), shape.outputs()),
        RowMajor.address("variance", kept.variance(), shape.outputs()));
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
    var dGammaBeta = gammaBeta(gradients.gammaBeta());
    var dx = gradients.x().map(g -> RowMajor.address("input's gradient", g, shape.inputShape()));
    OneDnn.onOneThread(
        () -> {
          try (var parts = new Parts(shape)) {
            Consumer<UnitPart> throughNorm =
                parts.count() == 1
                    ? part -> normWhole(part, norm, z, y, dyAt, dGammaBeta)
                    : normInParts(parts, learned, kept, z, y, dyAt, gradients);
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

  private void normWhole(
      UnitPart part,
      NormActivation.Norm norm,
      Pointer z,
      Pointer y,
      Pointer dy,
      Pointer dGammaBeta) {
    boolean active = shape.activation().isPresent();
    if (active) {
      part.activationGradient(z, y, dy, null, false);
    }
    part.normGradient(norm, z, active ? null : dy, dGammaBeta);
  }

  /**
   * Sums over all parts, and returns what takes each of them through the norm: Ioffe and Szegedy,
   * "Batch Normalization", 2015, section 3.
   */
  private Consumer<UnitPart> normInParts(
      Parts parts,
      Learned learned,
      Kept kept,
      Pointer z,
      Pointer y,
      Pointer dy,
      Gradients gradients) {
    int channels = shape.outputs();
    var mean = new float[channels];
    RowMajor.values(kept.mean()).get(0, mean);
    parts.run((i, part) -> part.activationGradient(z, y, dy, mean, true));

    var variance = RowMajor.values(kept.variance());
    var gamma = RowMajor.values(learned.gammaBeta());
    var dGammaBeta = RowMajor.values(gradients.gammaBeta());
    double pixels = (double) shape.batch() * shape.outputPixels();
    var ofDu = new float[channels];
    var ofZ = new float[channels];
    var constant = new float[channels];
    var sums = parts.total(UnitPart::sums);
    var products = parts.total(UnitPart::products);
    for (int c = 0; c < channels; c++) {
      double inverse = 1 / Math.sqrt(variance.get(c) + shape.epsilon());
      double factor = gamma.get(c) * inverse;
      double slope = -factor * products[c] * inverse * inverse / pixels;
      dGammaBeta.put(c, (float) (products[c] * inverse));
      dGammaBeta.put(channels + c, (float) sums[c]);
      ofDu[c] = (float) factor;
      ofZ[c] = (float) slope;
      constant[c] = (float) (-factor * sums[c] / pixels - slope * mean[c]);
    }
    return part -> part.normGradient(z, ofDu, ofZ, constant);
  }

  private Pointer gammaBeta(INDArray array) {
    return RowMajor.address("factors and offsets", array, 2L * shape.outputs());
  }

  /** Closes all primitives and scratch memory that no call is using. */
  public static void releaseIdle() {
    UnitPart.releaseIdle();
  }

  /** The parts of a batch, one for each thread of the team that has an image. */
  private static final class Parts implements AutoCloseable {
    private final UnitPart[] parts;

    private Parts(UnitShape shape) {
      int count = Math.min(Team.size(), shape.batch());
      parts = new UnitPart[count];
      int first = 0;
      for (int i = 0; i < count; i++) {
        int images = (shape.batch() - first) / (count - i);
        parts[i] = new UnitPart(shape.withBatch(images), first);
        first += images;
      }
    }

    private interface Task {
      void run(int index, UnitPart part);
    }

    private int count() {
      return parts.length;
    }

    private UnitPart get(int index) {
      return parts[index];
    }

    private void run(Task task) {
      Team.run(parts.length, i -> task.run(i, parts[i]));
    }

    private double[] total(Function<UnitPart, double[]> sums) {
      var total = sums.apply(parts[0]);
      for (int i = 1; i < parts.length; i++) {
        var other = sums.apply(parts[i]);
        for (int c = 0; c < total.length; c++) {
          total[c] += other[c];
        }
      }
      return total;
    }

    @Override
    public void close() {
      for (var part : parts) {
        part.close();
      }
    }
  }
}
