package dev.expanse.core.network;

import static dev.expanse.core.network.Operation.Activation.Function.RELU;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.ChannelOperation.Concat;
import dev.expanse.core.network.ChannelOperation.Shuffle;
import dev.expanse.core.network.ChannelOperation.Slice;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.MaxPool;
import java.util.List;
import java.util.Locale;

/**
 * Networks whose blocks compute on one half of the channels, leave the other as it is, and shuffle
 * both (Ma et al., "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design",
 * 2018, table 5 and figure 3), as torchvision has them.
 *
 * @param table the rows, each a stage, whose first block halves the map
 * @param stem channels of the first convolution, before {@code width}
 * @param head channels of the last convolution, before {@code width}
 * @param width multiplier of all channels, which are then rounded to even numbers; the published
 *     networks of other sizes have other tables instead
 * @param dropout rate of the dropout before the classifier
 */
public record ShuffleNetV2(List<Row> table, int stem, int head, double width, double dropout)
    implements Family {

  static final String KEY = "shufflenet-v2";
  private static final List<String> COLUMNS = List.of("channels", "repeats");

  /**
   * A stage.
   *
   * @param channels output channels of each block
   * @param repeats how many blocks there are
   */
  public record Row(int channels, int repeats) {
    @Override
    public String toString() {
      return "[" + channels + ", " + repeats + "]";
    }
  }

  /**
   * @throws IllegalArgumentException if the table has no rows; the message shows the table
   */
  public ShuffleNetV2 {
    table = Knobs.notEmpty(table);
  }

  /** One of the published networks, by the channels of its three stages and its head. */
  public static ShuffleNetV2 of(int first, int second, int third, int head) {
    return new ShuffleNetV2(
        List.of(new Row(first, 4), new Row(second, 8), new Row(third, 4)), 24, head, 1, 0);
  }

  static ShuffleNetV2 read(Settings settings) {
    settings.onlyKeys("table", "stem", "head", "width", "dropout");
    var table =
        settings.table(
            "table",
            COLUMNS,
            cells ->
                new Row(
                    settings.cell("table", "channels", cells.get(0), 2, Knobs.MOST_CHANNELS),
                    settings.cell("table", "repeats", cells.get(1), 1, Knobs.MOST_REPEATS)));
    return new ShuffleNetV2(
        table,
        Knobs.channels(settings, "stem", 24),
        Knobs.channels(settings, "head", 1024),
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
        "family = %s, table = %s, stem = %d, head = %d, width = %s, dropout = %s",
        KEY,
        Knobs.written(table),
        stem,
        head,
        Knobs.written(width),
        Knobs.written(dropout));
  }

  @Override
  public Network network(int resolution, int classes) {
    var builder = Network.forImages(resolution);
    var first = new Convolution(2 * half(stem), 3, 2, 1);
    var x = builder.convolution("stem", first, RELU, builder.image());
    x = builder.add("stem.pool", new MaxPool(3, 2, 1), x);
    for (int stage = 1; stage <= table.size(); stage++) {
      var row = table.get(stage - 1);
      x = shrinking(builder, "stage" + stage + ".1", half(row.channels()), x);
      for (int i = 2; i <= row.repeats(); i++) {
        x = constant(builder, "stage" + stage + "." + i, x);
      }
    }
    x = builder.convolution("head", new Convolution(2 * half(head), 1, 1, 1), RELU, x);
    return Classifier.pooled(builder, dropout, classes, x);
  }

  /** Both branches read the whole map and halve it. */
  private static Network.Node shrinking(
      Network.Builder builder, String name, int half, Network.Node input) {
    var left = depthwise(builder, name + ".shortcut.depthwise", 2, input);
    var pointwise = new Convolution(half, 1, 1, 1);
    left = builder.convolution(name + ".shortcut.pointwise", pointwise, RELU, left);
    return shuffled(builder, name, left, branch(builder, name, half, 2, input));
  }

  private static Network.Node constant(Network.Builder builder, String name, Network.Node input) {
    int channels = input.shape().channels();
    int half = channels / 2;
    var left = builder.add(name + ".left", new Slice(0, half), input);
    var right = builder.add(name + ".right", new Slice(half, channels), input);
    return shuffled(builder, name, left, branch(builder, name, half, 1, right));
  }

  private static Network.Node branch(
      Network.Builder builder, String name, int half, int stride, Network.Node input) {
    var pointwise = new Convolution(half, 1, 1, 1);
    var x = builder.convolution(name + ".first", pointwise, RELU, input);
    x = depthwise(builder, name + ".depthwise", stride, x);
    return builder.convolution(name + ".second", pointwise, RELU, x);
  }

  private static Network.Node depthwise(
      Network.Builder builder, String name, int stride, Network.Node input) {
    int channels = input.shape().channels();
    return builder.convolution(name, new Convolution(channels, 3, stride, channels), null, input);
  }

  private static Network.Node shuffled(
      Network.Builder builder, String name, Network.Node left, Network.Node right) {
    var concat = builder.add(name + ".concat", new Concat(), left, right);
    return builder.add(name + ".shuffle", new Shuffle(2), concat);
  }

  private int half(int channels) {
    return Knobs.scaled(channels, width / 2);
  }
}
