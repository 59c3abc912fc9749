package dev.expanse.core.dl4j;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.Axpy;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Decoupled weight decay: each step takes {@code rate coefficient w} from each weight, beside what
 * the updater does (Loshchilov, Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm
 * 2). It is no part of the loss, unlike with Deeplearning4j's {@code WeightDecay}, whose score
 * would be most of what is reported.
 */
public final class DecoupledDecay implements Regularization {
  private static final long serialVersionUID = 1L;

  private final double coefficient;

  /**
   * @param coefficient at least 0
   */
  public DecoupledDecay(@JsonProperty("coefficient") double coefficient) {
    this.coefficient = coefficient;
  }

  /** The share of a weight that a step takes at a learning rate of 1. */
  @JsonProperty("coefficient")
  public double coefficient() {
    return coefficient;
  }

  @Override
  public ApplyStep applyStep() {
    return ApplyStep.POST_UPDATER;
  }

  @Override
  public void apply(INDArray weights, INDArray update, double rate, int step, int epoch) {
    Nd4j.exec(new Axpy(weights, update, update, rate * coefficient));
  }

  @Override
  public double score(INDArray weights, int step, int epoch) {
    return 0;
  }

  @Override
  public Regularization clone() {
    return new DecoupledDecay(coefficient);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DecoupledDecay o && o.coefficient == coefficient;
  }

  @Override
  public int hashCode() {
    return Double.hashCode(coefficient);
  }
}
