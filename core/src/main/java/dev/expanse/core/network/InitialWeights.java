package dev.expanse.core.network;

import dev.expanse.core.network.Weights.Parameter;
import java.util.Arrays;
import java.util.Random;

/**
 * The weights that training starts from, the same for one seed whatever the engine. Convolutions
 * are drawn as in He et al., "Delving Deep into Rectifiers", 2015, equation 10: a normal
 * distribution with variance {@code 2 / (inputs / groups * kernel * kernel)}, and so are hidden
 * fully connected layers. Classifiers have a deviation of 0.01 as in torchvision; norms begin as
 * the identity.
 */
public final class InitialWeights {
  private static final double CLASSIFIER_DEVIATION = 0.01;

  private InitialWeights() {}

  /** Draws the weights of a network. */
  public static Weights draw(Network network, long seed) {
    var random = new Random(seed);
    var weights = Weights.of(network);
    for (var node : network.nodes()) {
      Weights.sizes(node)
          .forEach(
              (parameter, size) -> {
                double deviation = deviation(network, node, size);
                weights.put(node, parameter, values(deviation, parameter, size, random));
              });
    }
    return weights.build();
  }

  private static float[] values(double deviation, Parameter parameter, int size, Random random) {
    var values = new float[size];
    switch (parameter) {
      case WEIGHT -> {
        for (int i = 0; i < size; i++) {
          values[i] = (float) (deviation * random.nextGaussian());
        }
      }
      case GAMMA, VARIANCE -> Arrays.fill(values, 1);
      case BETA, MEAN, BIAS -> {} // zero
    }
    return values;
  }

  private static double deviation(Network network, Network.Node node, int size) {
    boolean classifies =
        node == network.output()
            || network.auxiliaries().stream().anyMatch(auxiliary -> auxiliary.logits() == node);
    return classifies ? CLASSIFIER_DEVIATION : Math.sqrt(2.0 * node.shape().channels() / size);
  }
}
