package dev.expanse.jobs.recipe;

import dev.expanse.core.config.Settings;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What keeps a network from learning its training images by heart, and its steps from running wild.
 *
 * @param weightDecay of the weights of convolutions and of the classifier, never of norms and
 *     biases
 * @param labelSmoothing the share of a label that is spread evenly over all classes
 * @param mixup alpha of the distribution Beta(alpha, alpha) of the share that one image has in the
 *     mixture of two; 0 for no mixtures
 * @param gradientClipping the largest L2 norm of the whole gradient, averaged over the minibatch; 0
 *     for no limit
 * @param dropout the rate of the network's dropout, in place of its own; null for its own
 */
public record Regularization(
    double weightDecay,
    double labelSmoothing,
    double mixup,
    double gradientClipping,
    Double dropout)
    implements Serializable {
  private static final String WEIGHT_DECAY = "weight-decay";
  private static final String LABEL_SMOOTHING = "label-smoothing";
  private static final String MIXUP = "mixup";
  private static final String GRADIENT_CLIPPING = "gradient-clipping";
  private static final String DROPOUT = "dropout";

  static Regularization read(Settings recipe) {
    return new Regularization(
        recipe.number(WEIGHT_DECAY, 0, 1, 4e-5),
        recipe.number(LABEL_SMOOTHING, 0, 0.99, 0),
        recipe.number(MIXUP, 0, 100, 0),
        recipe.number(GRADIENT_CLIPPING, 0, 1e6, 0),
        recipe.has(DROPOUT) ? recipe.number(DROPOUT, 0, 0.99) : null);
  }

  /** Its keys and values in a recipe. */
  Map<String, Object> entries() {
    var entries = new LinkedHashMap<String, Object>();
    entries.put(WEIGHT_DECAY, weightDecay);
    entries.put(LABEL_SMOOTHING, labelSmoothing);
    entries.put(MIXUP, mixup);
    entries.put(GRADIENT_CLIPPING, gradientClipping);
    if (dropout != null) {
      entries.put(DROPOUT, dropout);
    }
    return entries;
  }
}
