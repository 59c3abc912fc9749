package dev.expanse.core.network;

import static dev.expanse.core.network.Operation.Activation.Function.RELU;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.Add;
import dev.expanse.core.network.Operation.BatchNorm;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.MaxPool;
import java.util.List;
import java.util.Locale;

/**
 * Networks of depthwise separable convolutions with residual connections (Chollet, "Xception: Deep
 * Learning with Depthwise Separable Convolutions", 2017, figure 5), as Keras has them: a depthwise
 * 3 x 3 convolution, a 1 x 1 one and a batch norm of epsilon 1e-3 and momentum 0.99. Blocks begin
 * with an activation, but shortcuts read what comes before it; the stem has no padding. Where a max
 * pool meets a map of even side, Keras pads it on one side, this one on both.
 *
 * @param stem channels of the two first convolutions
 * @param entry channels of the blocks of the entry flow, each of which halves the map
 * @param middle how many blocks of three the middle flow has
 * @param exit channels of the exit flow: of its block, which halves the map, and of the separable
 *     convolutions after it
 * @param width multiplier of all channels
 * @param dropout rate of the dropout before the classifier; the paper has 0.5, Keras none
 */
public record Xception(
    List<Integer> stem,
    List<Integer> entry,
    int middle,
    List<Integer> exit,
    double width,
    double dropout)
    implements Family {

  static final String KEY = "xception";

  /** The published network, for 299 x 299 images: 22,855,952 parameters at 1000 classes. */
  static final Xception XCEPTION =
      new Xception(List.of(32, 64), List.of(128, 256, 728), 8, List.of(1024, 1536, 2048), 1, 0);

  /**
   * @throws IllegalArgumentException if there are not two stem convolutions, or a flow is empty
   */
  public Xception {
    stem = Knobs.notEmpty(stem);
    entry = Knobs.notEmpty(entry);
    exit = Knobs.notEmpty(exit);
    if (stem.size() != 2) {
      throw new IllegalArgumentException("Cannot build a stem of other than two: " + stem);
    }
  }

  static Xception read(Settings settings) {
    settings.onlyKeys("stem", "entry", "middle", "exit", "width", "dropout");
    int most = Knobs.MOST_CHANNELS;
    var stem = Knobs.list(settings, "stem", most, XCEPTION.stem);
    if (stem.size() != 2) {
      throw settings.wrong("stem", settings.value("stem"), "the channels of two convolutions");
    }
    return new Xception(
        stem,
        Knobs.list(settings, "entry", most, XCEPTION.entry),
        settings.integer("middle", 0, Knobs.MOST_REPEATS, XCEPTION.middle),
        Knobs.list(settings, "exit", most, XCEPTION.exit),
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
        "family = %s, stem = %s, entry = %s, middle = %d, exit = %s, width = %s, dropout = %s",
        KEY,
        stem,
        entry,
        middle,
        exit,
        Knobs.written(width),
        Knobs.written(dropout));
  }

  @Override
  public Network network(int resolution, int classes) {
    var builder = Network.forImages(resolution);
    var first = new Convolution(Knobs.scaled(stem.get(0), width), 3, 2, 1).unpadded();
    var second = new Convolution(Knobs.scaled(stem.get(1), width), 3, 1, 1).unpadded();
    var x = normed(builder, "stem1", first, true, builder.image());
    x = normed(builder, "stem2", second, true, x);
    for (int i = 1; i <= entry.size(); i++) {
      int channels = Knobs.scaled(entry.get(i - 1), width);
      x = shrinking(builder, "entry" + i, i > 1, channels, channels, x);
    }
    for (int i = 1; i <= middle; i++) {
      x = constant(builder, "middle" + i, x);
    }
    int kept = x.shape().channels();
    x = shrinking(builder, "exit1", true, kept, Knobs.scaled(exit.get(0), width), x);
    for (int i = 2; i <= exit.size(); i++) {
      var name = "exit" + i;
      x = separable(builder, name, Knobs.scaled(exit.get(i - 1), width), x);
      x = builder.add(name + ".act", new Activation(RELU), x);
    }
    return Classifier.pooled(builder, dropout, classes, x);
  }

  /** Two separable convolutions and a max pool, beside a 1 x 1 convolution of stride 2. */
  private static Network.Node shrinking(
      Network.Builder builder,
      String name,
      boolean activated,
      int inner,
      int channels,
      Network.Node input) {
    // the stem ends with an activation of its own
    var x = activated ? builder.add(name + ".1.act", new Activation(RELU), input) : input;
    x = separable(builder, name + ".1", inner, x);
    x = builder.add(name + ".2.act", new Activation(RELU), x);
    x = separable(builder, name + ".2", channels, x);
    x = builder.add(name + ".pool", new MaxPool(3, 2, 1), x);
    var convolution = new Convolution(channels, 1, 2, 1);
    var shortcut = normed(builder, name + ".shortcut", convolution, false, input);
    return builder.add(name + ".add", new Add(), shortcut, x);
  }

  /** Three separable convolutions that keep the shape. */
  private static Network.Node constant(Network.Builder builder, String name, Network.Node input) {
    var x = input;
    for (int i = 1; i <= 3; i++) {
      x = builder.add(name + "." + i + ".act", new Activation(RELU), x);
      x = separable(builder, name + "." + i, input.shape().channels(), x);
    }
    return builder.add(name + ".add", new Add(), input, x);
  }

  private static Network.Node separable(
      Network.Builder builder, String name, int channels, Network.Node input) {
    int inputs = input.shape().channels();
    var x = builder.add(name + ".depthwise", new Convolution(inputs, 3, 1, inputs), input);
    return normed(builder, name, new Convolution(channels, 1, 1, 1), false, x);
  }

  private static Network.Node normed(
      Network.Builder builder,
      String name,
      Convolution convolution,
      boolean activated,
      Network.Node input) {
    var conv = builder.add(name + ".conv", convolution, input);
    return builder.norm(name, new BatchNorm(1e-3, 0.99), activated ? RELU : null, conv);
  }
}
