package dev.expanse.core.network;

import dev.expanse.core.network.Weights.Parameter;
import java.util.Arrays;
import java.util.Random;

/**
 * The weights that training starts from, the same for one seed whatever the engine. Convolutions
 * are drawn as in He et al., "Delving Deep into Rectifiers", 2015: from a normal distribution whose
 * variance is 2 divided by their {@link Fan}. Hidden fully connected layers have 2 divided by their
 * inputs. Classifiers have a deviation of 0.01 as in torchvision; norms begin as the identity.
 */
public final class InitialWeights {
  private static final double CLASSIFIER_DEVIATION = 0.01;

  /**
   * What a convolution's variance goes by. Before a norm a weight's scale changes nothing that the
   * network computes, but what share of the weight a step is: a depthwise convolution learns much
   * faster when its weights are small.
   */
  public enum Fan {
    /** {@code inputs / groups * kernel * kernel}: maps keep their variance (equation 10). */
    IN,
    /**
     * {@code channels * kernel * kernel}: gradients keep theirs (equation 14). As in PyTorch all
     * output channels count, whatever the groups; torchvision draws VGG, ResNet and MobileNetV2 so.
     */
    OUT
  }

  private InitialWeights() {}

  /** Draws the weights of a network, by {@link Fan#IN}. */
  public static Weights draw(Network network, long seed) {
    return draw(network, seed, Fan.IN);
  }

  /** Draws the weights of a network. */
  public static Weights draw(Network network, long seed, Fan fan) {
    var random = new Random(seed);
    var weights = Weights.of(network);
    for (var node : network.nodes()) {
      Weights.sizes(node)
          .forEach(
              (parameter, size) -> {
                double deviation = deviation(network, node, size, fan);
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

  private static double deviation(Network network, Network.Node node, int size, Fan fan) {
    boolean classifies =
        node == network.output()
            || network.auxiliaries().stream().anyMatch(auxiliary -> auxiliary.logits() == node);
    if (classifies) {
      return CLASSIFIER_DEVIATION;
    }
    int channels = node.shape().channels();
    return fan == Fan.OUT && node.operation() instanceof Operation.Convolution convolution
        ? Math.sqrt(2.0 / (channels * convolution.kernel() * convolution.kernel()))
        : Math.sqrt(2.0 * channels / size);
  }
}
