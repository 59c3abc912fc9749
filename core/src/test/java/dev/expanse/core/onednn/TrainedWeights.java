package dev.expanse.core.onednn;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Weights;
import dev.expanse.core.network.Weights.Parameter;
import java.util.Random;

/** Weights such as training leaves: norms with statistics, logits that differ. */
public final class TrainedWeights {
  private TrainedWeights() {}

  /** Draws them. */
  public static Weights drawn(Network network, long seed) {
    var random = new Random(seed);
    var weights = Weights.of(network);
    for (var node : network.nodes()) {
      Weights.sizes(node)
          .forEach(
              (parameter, size) ->
                  weights.put(node, parameter, draw(random, node, parameter, size)));
    }
    return weights.build();
  }

  private static float[] draw(Random random, Network.Node node, Parameter parameter, int size) {
    int fanIn = size / node.shape().channels();
    var values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          (float)
              switch (parameter) {
                case WEIGHT -> random.nextGaussian() * Math.sqrt(2.0 / fanIn);
                case BIAS, BETA, MEAN -> 0.3 * random.nextGaussian();
                case GAMMA, VARIANCE -> 0.5 + random.nextDouble();
              };
    }
    return values;
  }
}
