package dev.expanse.core.dl4j;

import java.io.Serializable;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;

/**
 * What keeps the weights of convolutions and of fully connected layers small; norms and biases have
 * none.
 *
 * @param coefficient at least 0
 * @param decoupled false: as an L2 penalty, {@code coefficient w} is added to each weight's
 *     gradient, before the updater; true: each step takes {@code rate coefficient w} from each
 *     weight, beside what the updater does (Loshchilov, Hutter, "Decoupled Weight Decay
 *     Regularization", 2019, algorithm 2)
 */
public record WeightPenalty(double coefficient, boolean decoupled) implements Serializable {

  /** None. */
  public static final WeightPenalty NONE = new WeightPenalty(0, false);

  /** An L2 penalty. */
  public static WeightPenalty l2(double coefficient) {
    return new WeightPenalty(coefficient, false);
  }

  void addTo(NeuralNetConfiguration.Builder builder) {
    if (decoupled) {
      builder.weightDecay(coefficient, true);
    } else {
      builder.l2(coefficient);
    }
  }
}
