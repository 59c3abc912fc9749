package dev.expanse.core.network;

import static dev.expanse.core.network.Operation.Activation.Function.RELU;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.BatchNorm;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.Flatten;
import dev.expanse.core.network.Operation.MaxPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Networks of stages of 3 x 3 convolutions, each stage before a max pool, and three fully connected
 * layers (Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
 * Recognition", 2015, table 1), as torchvision has them: with {@code norms} the convolutions keep
 * their biases. The classifier reads the last map as it is, 7 x 7 at 224 x 224; torchvision pools
 * maps of another size to 7 x 7 first.
 *
 * @param table the rows, each a stage
 * @param norms whether a batch norm is between each convolution and its activation
 * @param hidden outputs of each of the two hidden fully connected layers, before {@code width}
 * @param dropout rate of the dropout after each hidden layer
 * @param width multiplier of the channels and the hidden layers
 */
public record Vgg(List<Row> table, boolean norms, int hidden, double dropout, double width)
    implements Family {

  static final String KEY = "vgg";
  private static final List<String> COLUMNS = List.of("channels", "convolutions");

  /**
   * A stage.
   *
   * @param channels output channels of each convolution
   * @param convolutions how many there are
   */
  public record Row(int channels, int convolutions) {
    @Override
    public String toString() {
      return "[" + channels + ", " + convolutions + "]";
    }
  }

  /**
   * @throws IllegalArgumentException if the table has no rows; the message shows the table
   */
  public Vgg {
    table = Knobs.notEmpty(table);
  }

  /**
   * One of the published networks.
   *
   * @param convolutions of each of the five stages, of 64 to 512 channels
   */
  public static Vgg of(boolean norms, int... convolutions) {
    var table = new ArrayList<Row>();
    for (int stage = 0; stage < convolutions.length; stage++) {
      table.add(new Row(Math.min(512, 64 << stage), convolutions[stage]));
    }
    return new Vgg(table, norms, 4096, 0.5, 1);
  }

  static Vgg read(Settings settings) {
    settings.onlyKeys("table", "norms", "hidden", "dropout", "width");
    var table =
        settings.table(
            "table",
            COLUMNS,
            cells ->
                new Row(
                    settings.cell("table", "channels", cells.get(0), 1, Knobs.MOST_CHANNELS),
                    settings.cell("table", "convolutions", cells.get(1), 1, Knobs.MOST_REPEATS)));
    return new Vgg(
        table,
        settings.flag("norms", false),
        Knobs.channels(settings, "hidden", 4096),
        Knobs.dropout(settings, 0.5),
        Knobs.width(settings));
  }

  @Override
  public String key() {
    return KEY;
  }

  @Override
  public String toHocon() {
    return String.format(
        Locale.ROOT,
        "family = %s, table = %s, norms = %s, hidden = %d, dropout = %s, width = %s",
        KEY,
        Knobs.written(table),
        norms,
        hidden,
        Knobs.written(dropout),
        Knobs.written(width));
  }

  @Override
  public Network network(int resolution, int classes) {
    var builder = Network.forImages(resolution);
    var x = builder.image();
    for (int stage = 1; stage <= table.size(); stage++) {
      var row = table.get(stage - 1);
      for (int i = 1; i <= row.convolutions(); i++) {
        x = convolution(builder, "stage" + stage + "." + i, row.channels(), x);
      }
      x = builder.add("stage" + stage + ".pool", new MaxPool(2, 2, 0), x);
    }
    x = builder.add("flatten", new Flatten(), x);
    x = hidden(builder, "hidden1", x);
    x = hidden(builder, "hidden2", x);
    return Classifier.of(builder, 0, classes, x);
  }

  private Network.Node convolution(
      Network.Builder builder, String name, int channels, Network.Node input) {
    var operation = new Convolution(Knobs.scaled(channels, width), 3, 1, 1).withBias();
    var conv = builder.add(name + ".conv", operation, input);
    return norms
        ? builder.norm(name, new BatchNorm(), RELU, conv)
        : builder.add(name + ".act", new Activation(RELU), conv);
  }

  private Network.Node hidden(Network.Builder builder, String name, Network.Node input) {
    var dense = builder.add(name, new Dense(Knobs.scaled(hidden, width)), input);
    var act = builder.add(name + ".act", new Activation(RELU), dense);
    return Classifier.dropped(builder, name + ".dropout", dropout, act);
  }
}
