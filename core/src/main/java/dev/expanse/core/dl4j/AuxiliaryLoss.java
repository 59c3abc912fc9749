package dev.expanse.core.dl4j;

import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** The cross entropy of an auxiliary classifier, times its weight. */
public final class AuxiliaryLoss extends LossMCXENT {
  private static final long serialVersionUID = 1L;

  private final double weight;

  AuxiliaryLoss(@JsonProperty("weight") double weight) {
    this.weight = weight;
  }

  /** What the loss is multiplied with. */
  @JsonProperty("weight")
  double weight() {
    return weight;
  }

  @Override
  public double computeScore(
      INDArray labels, INDArray logits, IActivation activation, INDArray mask, boolean average) {
    return weight * super.computeScore(labels, logits, activation, mask, average);
  }

  @Override
  public INDArray computeScoreArray(
      INDArray labels, INDArray logits, IActivation activation, INDArray mask) {
    return super.computeScoreArray(labels, logits, activation, mask).muli(weight);
  }

  @Override
  public INDArray computeGradient(
      INDArray labels, INDArray logits, IActivation activation, INDArray mask) {
    return super.computeGradient(labels, logits, activation, mask).muli(weight);
  }

  @Override
  public Pair<Double, INDArray> computeGradientAndScore(
      INDArray labels, INDArray logits, IActivation activation, INDArray mask, boolean average) {
    return new Pair<>(
        computeScore(labels, logits, activation, mask, average),
        computeGradient(labels, logits, activation, mask));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AuxiliaryLoss o && super.equals(o) && weight == o.weight;
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + Double.hashCode(weight);
  }
}
