package dev.expanse.core.network;

import static dev.expanse.core.network.Operation.Activation.Function.RELU;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.Add;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.MaxPool;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Networks of residual blocks (He et al., "Deep Residual Learning for Image Recognition", 2016,
 * table 1), as torchvision has them: a bottleneck has its stride in the 3 x 3 convolution, where
 * the paper has it in the first 1 x 1, and where the shape changes the shortcut is a 1 x 1
 * convolution. With {@code squeezeExcite} these are SE-ResNets (Hu et al., "Squeeze-and-Excitation
 * Networks", 2018, figure 3), with {@code groups} ResNeXts (Xie et al., "Aggregated Residual
 * Transformations", 2017), with {@code groupWidth} alone Wide ResNets.
 *
 * @param block what stages are made of
 * @param repeats how many blocks each stage has; its 3 x 3 convolutions have twice the channels of
 *     the stage before, 64 in the first
 * @param width multiplier of all channels
 * @param squeezeExcite reduction ratio of the squeeze-and-excitation before each addition; 0 for
 *     none
 * @param groups groups of the 3 x 3 convolutions of bottlenecks
 * @param groupWidth channels of each group in the first stage, before {@code width}
 * @param dropout rate of the dropout before the classifier
 */
public record ResNet(
    Block block,
    List<Integer> repeats,
    double width,
    int squeezeExcite,
    int groups,
    int groupWidth,
    double dropout)
    implements Family {

  static final String KEY = "resnet";
  private static final int MOST_STAGES = 8;

  /** What stages are made of. */
  public enum Block {
    /** Two 3 x 3 convolutions. */
    BASIC(1),
    /** 1 x 1, 3 x 3 and 1 x 1, the last with four times the channels. */
    BOTTLENECK(4);

    private final int expansion;

    Block(int expansion) {
      this.expansion = expansion;
    }

    private String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @throws IllegalArgumentException if there are no stages or too many, or basic blocks have
   *     groups
   */
  public ResNet {
    repeats = Knobs.notEmpty(repeats);
    if (repeats.size() > MOST_STAGES) {
      throw new IllegalArgumentException("Cannot build a network of so many stages: " + repeats);
    }
    if (block == Block.BASIC && (groups != 1 || groupWidth != 64)) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot have %d groups of %d channels in basic blocks", groups, groupWidth));
    }
  }

  /** One of the published networks: of width 1, without groups and dropout. */
  public static ResNet of(Block block, int squeezeExcite, Integer... repeats) {
    return new ResNet(block, List.of(repeats), 1, squeezeExcite, 1, 64, 0);
  }

  static ResNet read(Settings settings) {
    settings.onlyKeys(
        "block", "repeats", "width", "squeeze-excite", "groups", "group-width", "dropout");
    var block = settings.choice("block", "bottleneck", Set.of("basic", "bottleneck"));
    var repeats = Knobs.list(settings, "repeats", Knobs.MOST_REPEATS, List.of(3, 4, 6, 3));
    if (repeats.size() > MOST_STAGES) {
      throw settings.wrong(
          "repeats", settings.value("repeats"), "at most " + MOST_STAGES + " stages");
    }
    int groups = Knobs.channels(settings, "groups", 1);
    int groupWidth = Knobs.channels(settings, "group-width", 64);
    if (block.equals("basic") && (groups != 1 || groupWidth != 64)) {
      var key = groups != 1 ? "groups" : "group-width";
      throw settings.wrong(key, settings.value(key), "none, for blocks are basic");
    }
    return new ResNet(
        Block.valueOf(block.toUpperCase(Locale.ROOT)),
        repeats,
        Knobs.width(settings),
        Knobs.squeezeExcite(settings),
        groups,
        groupWidth,
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
        "family = %s, block = %s, repeats = %s, width = %s, squeeze-excite = %d, groups = %d,"
            + " group-width = %d, dropout = %s",
        KEY,
        block.key(),
        repeats,
        Knobs.written(width),
        squeezeExcite,
        groups,
        groupWidth,
        Knobs.written(dropout));
  }

  @Override
  public Network network(int resolution, int classes) {
    var builder = Network.forImages(resolution);
    var stem = new Convolution(Knobs.scaled(64, width), 7, 2, 1);
    var x = builder.convolution("stem", stem, RELU, builder.image());
    x = builder.add("stem.pool", new MaxPool(3, 2, 1), x);
    for (int stage = 0; stage < repeats.size(); stage++) {
      for (int i = 0; i < repeats.get(stage); i++) {
        int stride = stage > 0 && i == 0 ? 2 : 1;
        x = block(builder, "stage" + (stage + 1) + "." + (i + 1), 64 << stage, stride, x);
      }
    }
    return Classifier.pooled(builder, dropout, classes, x);
  }

  private Network.Node block(
      Network.Builder builder, String name, int planes, int stride, Network.Node input) {
    int channels = Knobs.scaled(planes * block.expansion, width);
    var x = input;
    if (block == Block.BASIC) {
      x = builder.convolution(name + ".first", new Convolution(channels, 3, stride, 1), RELU, x);
      x = builder.convolution(name + ".second", new Convolution(channels, 3, 1, 1), null, x);
    } else {
      int inner = Math.multiplyExact(groups, Knobs.scaled(planes * groupWidth / 64, width));
      x = builder.convolution(name + ".reduce", new Convolution(inner, 1, 1, 1), RELU, x);
      x =
          builder.convolution(
              name + ".spatial", new Convolution(inner, 3, stride, groups), RELU, x);
      x = builder.convolution(name + ".expand", new Convolution(channels, 1, 1, 1), null, x);
    }
    x = SqueezeExcite.add(builder, name + ".excite", squeezeExcite, x);
    var shortcut = input;
    if (stride != 1 || input.shape().channels() != channels) {
      var convolution = new Convolution(channels, 1, stride, 1);
      shortcut = builder.convolution(name + ".shortcut", convolution, null, input);
    }
    var sum = builder.add(name + ".add", new Add(), shortcut, x);
    return builder.add(name + ".act", new Activation(RELU), sum);
  }
}
