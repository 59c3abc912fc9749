package dev.expanse.core.network;

import static dev.expanse.core.network.Operation.Activation.Function.RELU;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.ChannelOperation.Concat;
import dev.expanse.core.network.Operation.AveragePool;
import dev.expanse.core.network.Operation.BatchNorm;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.MaxPool;
import java.util.List;
import java.util.Locale;

/**
 * Networks whose layers each read all that was computed before them in their block (Huang et al.,
 * "Densely Connected Convolutional Networks", 2017, table 1), as torchvision has them: norm,
 * activation, 1 x 1 convolution, norm, activation, 3 x 3 convolution, and what comes of that is put
 * behind the map that they have read. Between blocks a 1 x 1 convolution and an average pool shrink
 * the map.
 *
 * @param repeats how many layers each block has
 * @param growthRate how many channels each layer adds, before {@code width}
 * @param initial channels of the first convolution, before {@code width}
 * @param bottleneck how many times the growth rate the 1 x 1 convolutions have
 * @param compression the share of the channels that the layers between blocks keep
 * @param width multiplier of the growth rate and the first channels, and so of all
 * @param dropout rate of the dropout before the classifier
 */
public record DenseNet(
    List<Integer> repeats,
    int growthRate,
    int initial,
    int bottleneck,
    double compression,
    double width,
    double dropout)
    implements Family {

  static final String KEY = "densenet";

  /**
   * @throws IllegalArgumentException if there are no blocks
   */
  public DenseNet {
    repeats = Knobs.notEmpty(repeats);
  }

  /** One of the published networks with a growth rate of 32. */
  public static DenseNet of(Integer... repeats) {
    return new DenseNet(List.of(repeats), 32, 64, 4, 0.5, 1, 0);
  }

  static DenseNet read(Settings settings) {
    settings.onlyKeys(
        "repeats", "growth-rate", "initial", "bottleneck", "compression", "width", "dropout");
    return new DenseNet(
        Knobs.list(settings, "repeats", Knobs.MOST_REPEATS, List.of(6, 12, 24, 16)),
        Knobs.channels(settings, "growth-rate", 32),
        Knobs.channels(settings, "initial", 64),
        settings.integer("bottleneck", 1, 64, 4),
        settings.number("compression", 0.01, 1, 0.5),
        Knobs.width(settings),
        Knobs.dropout(settings, 0));
  }

  @Override
  public String key() {
    return KEY;
  }

  @Override
  public String toHocon() {
    return String.format(
        Locale.ROOT,
        "family = %s, repeats = %s, growth-rate = %d, initial = %d, bottleneck = %d,"
            + " compression = %s, width = %s, dropout = %s",
        KEY,
        repeats,
        growthRate,
        initial,
        bottleneck,
        Knobs.written(compression),
        Knobs.written(width),
        Knobs.written(dropout));
  }

  @Override
  public Network network(int resolution, int classes) {
    var builder = Network.forImages(resolution);
    var stem = new Convolution(Knobs.scaled(initial, width), 7, 2, 1);
    var x = builder.convolution("stem", stem, RELU, builder.image());
    x = builder.add("stem.pool", new MaxPool(3, 2, 1), x);
    for (int block = 1; block <= repeats.size(); block++) {
      if (block > 1) {
        x = transition(builder, "transition" + (block - 1), x);
      }
      for (int i = 1; i <= repeats.get(block - 1); i++) {
        x = layer(builder, "block" + block + "." + i, x);
      }
    }
    x = builder.norm("head", new BatchNorm(), RELU, x);
    return Classifier.pooled(builder, dropout, classes, x);
  }

  private Network.Node layer(Network.Builder builder, String name, Network.Node input) {
    int growth = Knobs.scaled(growthRate, width);
    var x = builder.norm(name + ".input", new BatchNorm(), RELU, input);
    var reduce = new Convolution(Math.multiplyExact(bottleneck, growth), 1, 1, 1);
    x = builder.convolution(name + ".reduce", reduce, RELU, x);
    x = builder.add(name + ".grow", new Convolution(growth, 3, 1, 1), x);
    return builder.add(name + ".concat", new Concat(), input, x);
  }

  private Network.Node transition(Network.Builder builder, String name, Network.Node input) {
    // rounded down, as in section 3
    int channels = Math.max(1, (int) (input.shape().channels() * compression));
    var x = builder.norm(name, new BatchNorm(), RELU, input);
    x = builder.add(name + ".conv", new Convolution(channels, 1, 1, 1), x);
    return builder.add(name + ".pool", new AveragePool(2, 2), x);
  }
}
