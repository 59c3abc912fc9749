package dev.expanse.core.onednn;

import dev.expanse.core.onednn.ChannelTiles.Moments;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The batch norm of a unit, and how the parts of a batch go through it together.
 *
 * @param shape the unit's
 * @param gammaBeta {@code [2 * outputs]}, factors, then offsets
 * @param mean {@code [outputs]}
 * @param variance {@code [outputs]}
 */
record UnitNorm(UnitShape shape, INDArray gammaBeta, INDArray mean, INDArray variance) {

  /** Where its arrays are, after a check. */
  NormActivation.Norm addresses() {
    return new NormActivation.Norm(
        gammaBeta(gammaBeta),
        RowMajor.address("mean", mean, shape.outputs()),
        RowMajor.address("variance", variance, shape.outputs()));
  }

  private Pointer gammaBeta(INDArray array) {
    return RowMajor.address("factors and offsets", array, 2L * shape.outputs());
  }

  /** Writes the statistics of a batch from those of its parts. */
  void write(Moments[] parts) {
    var moments = Stream.of(parts).reduce(Moments::with).orElseThrow();
    var means = RowMajor.values(mean);
    var variances = RowMajor.values(variance);
    for (int c = 0; c < shape.outputs(); c++) {
      means.put(c, (float) moments.mean()[c]);
      variances.put(c, (float) (moments.squares()[c] / moments.count()));
    }
  }

  /**
   * What takes each part through activation and norm, backward.
   *
   * @param z the norm's input
   * @param y the unit's output
   * @param dy its gradient
   * @param dGammaBeta is overwritten
   */
  Consumer<UnitPart> backward(
      UnitParts parts, Pointer z, Pointer y, Pointer dy, INDArray dGammaBeta) {
    var gradient = gammaBeta(dGammaBeta);
    if (parts.count() > 1) {
      return inParts(parts, z, y, dy, dGammaBeta);
    }
    boolean active = shape.activation().isPresent();
    var norm = addresses();
    return part -> {
      if (active) {
        part.activationGradient(z, y, dy, null, false);
      }
      part.normGradient(norm, z, active ? null : dy, gradient);
    };
  }

  /**
   * Sums over all parts, and returns what takes each of them through the norm: Ioffe and Szegedy,
   * "Batch Normalization", 2015, section 3.
   */
  private Consumer<UnitPart> inParts(
      UnitParts parts, Pointer z, Pointer y, Pointer dy, INDArray gradient) {
    int channels = shape.outputs();
    var means = new float[channels];
    RowMajor.values(mean).get(0, means);
    parts.run((i, part) -> part.activationGradient(z, y, dy, means, true));

    var variances = RowMajor.values(variance);
    var gamma = RowMajor.values(gammaBeta);
    var dGammaBeta = RowMajor.values(gradient);
    double pixels = (double) shape.batch() * shape.outputPixels();
    var ofDu = new float[channels];
    var ofZ = new float[channels];
    var constant = new float[channels];
    var sums = parts.total(UnitPart::sums);
    var products = parts.total(UnitPart::products);
    for (int c = 0; c < channels; c++) {
      double inverse = 1 / Math.sqrt(variances.get(c) + shape.epsilon());
      double factor = gamma.get(c) * inverse;
      double slope = -factor * products[c] * inverse * inverse / pixels;
      dGammaBeta.put(c, (float) (products[c] * inverse));
      dGammaBeta.put(channels + c, (float) sums[c]);
      ofDu[c] = (float) factor;
      ofZ[c] = (float) slope;
      constant[c] = (float) (-factor * sums[c] / pixels - slope * means[c]);
    }
    return part -> part.normGradient(z, ofDu, ofZ, constant);
  }
}
