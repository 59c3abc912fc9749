package dev.expanse.core.network;

import static dev.expanse.core.network.Operation.Activation.Function.RELU;
import static dev.expanse.core.network.Operation.Activation.Function.SIGMOID;

import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.GlobalAveragePool;
import dev.expanse.core.network.Operation.Scale;

/**
 * Squeeze-and-excitation: each channel times a gate that two fully connected layers make of the
 * means of all channels (Hu et al., "Squeeze-and-Excitation Networks", 2018, section 3). The layers
 * have biases, as in the authors' models.
 */
final class SqueezeExcite {
  private SqueezeExcite() {}

  /**
   * Adds it as {@code name.pool, .reduce, .act, .expand, .gate} and {@code name.scale}.
   *
   * @param reduction how many times fewer values than channels are between the layers; 0 adds
   *     nothing
   * @return the scaled map
   */
  static Network.Node add(Network.Builder builder, String name, int reduction, Network.Node input) {
    if (reduction == 0) {
      return input;
    }
    int channels = input.shape().channels();
    var x = builder.add(name + ".pool", new GlobalAveragePool(), input);
    x = builder.add(name + ".reduce", new Dense(Math.max(1, channels / reduction)), x);
    x = builder.add(name + ".act", new Activation(RELU), x);
    x = builder.add(name + ".expand", new Dense(channels), x);
    x = builder.add(name + ".gate", new Activation(SIGMOID), x);
    return builder.add(name + ".scale", new Scale(), input, x);
  }
}
