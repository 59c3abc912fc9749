package dev.expanse.core.network;

import static dev.expanse.core.network.Operation.Activation.Function.RELU;

import com.typesafe.config.ConfigValue;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.AveragePool;
import dev.expanse.core.network.Operation.BatchNorm;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.Flatten;
import dev.expanse.core.network.Operation.MaxPool;
import java.util.List;
import java.util.Locale;

/**
 * Networks of inception modules: four branches read one map, and their outputs are put one after
 * another (Szegedy et al., "Going Deeper with Convolutions", 2015, table 1), as torchvision has
 * them. Each convolution has a batch norm of epsilon 1e-3, which the paper does not know, and
 * <b>the branch of 5 x 5 convolutions has 3 x 3 ones</b>, a slip of TensorFlow's models that the
 * published weights depend on: 6,624,904 parameters at 1000 classes without the auxiliary
 * classifiers. The last max pool is 2 x 2. Auxiliary classifiers pool windows of 5 x 5 with stride
 * 3, as in the paper, and maps that are smaller as a whole.
 *
 * @param table the rows, each a module
 * @param auxiliary whether training has the auxiliary classifiers that the table marks, with a
 *     weight of 0.3 (section 5)
 * @param dropout rate of the dropout before the classifier; it is 0.7 in auxiliary ones
 * @param width multiplier of all channels
 */
public record GoogLeNet(List<Row> table, boolean auxiliary, double dropout, double width)
    implements Family {

  static final String KEY = "googlenet";
  private static final List<String> COLUMNS =
      List.of("pool", "1x1", "3x3-reduce", "3x3", "5x5-reduce", "5x5", "pool-project", "auxiliary");
  private static final double AUXILIARY_WEIGHT = 0.3;
  private static final double AUXILIARY_DROPOUT = 0.7;

  /** The published network, modules 3a to 5b. */
  static final Family GOOGLENET =
      new GoogLeNet(
          List.of(
              new Row(3, 64, 96, 128, 16, 32, 32, false),
              new Row(0, 128, 128, 192, 32, 96, 64, false),
              new Row(3, 192, 96, 208, 16, 48, 64, true),
              new Row(0, 160, 112, 224, 24, 64, 64, false),
              new Row(0, 128, 128, 256, 24, 64, 64, false),
              new Row(0, 112, 144, 288, 32, 64, 64, true),
              new Row(0, 256, 160, 320, 32, 128, 128, false),
              new Row(2, 256, 160, 320, 32, 128, 128, false),
              new Row(0, 384, 192, 384, 48, 128, 128, false)),
          false,
          0.2,
          1);

  /**
   * A module.
   *
   * @param pool side of the max pool of stride 2 before it, 0 for none
   * @param plain channels of the 1 x 1 convolution
   * @param reduceThree channels of the 1 x 1 convolution before the 3 x 3
   * @param three channels of the 3 x 3 convolution
   * @param reduceFive channels of the 1 x 1 convolution before the 5 x 5
   * @param five channels of the 5 x 5 convolution
   * @param project channels of the 1 x 1 convolution after the max pool
   * @param auxiliary whether an auxiliary classifier reads it
   */
  public record Row(
      int pool,
      int plain,
      int reduceThree,
      int three,
      int reduceFive,
      int five,
      int project,
      boolean auxiliary) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "[%d, %d, %d, %d, %d, %d, %d, %d]",
          pool,
          plain,
          reduceThree,
          three,
          reduceFive,
          five,
          project,
          auxiliary ? 1 : 0);
    }
  }

  /**
   * @throws IllegalArgumentException if the table has no rows; the message shows the table
   */
  public GoogLeNet {
    table = Knobs.notEmpty(table);
  }

  static GoogLeNet read(Settings settings) {
    settings.onlyKeys("table", "auxiliary", "dropout", "width");
    return new GoogLeNet(
        settings.table("table", COLUMNS, cells -> row(settings, cells)),
        settings.flag("auxiliary", false),
        Knobs.dropout(settings, 0.2),
        Knobs.width(settings));
  }

  private static Row row(Settings settings, List<ConfigValue> cells) {
    var channels =
        COLUMNS.subList(1, 7).stream()
            .mapToInt(
                column ->
                    settings.cell(
                        "table",
                        column,
                        cells.get(COLUMNS.indexOf(column)),
                        1,
                        Knobs.MOST_CHANNELS))
            .toArray();
    return new Row(
        settings.cell("table", "pool", cells.get(0), 0, 8),
        channels[0],
        channels[1],
        channels[2],
        channels[3],
        channels[4],
        channels[5],
        settings.cell("table", "auxiliary", cells.get(7), 0, 1) == 1);
  }

  @Override
  public String key() {
    return KEY;
  }

  @Override
  public String toHocon() {
    return String.format(
        Locale.ROOT,
        "family = %s, table = %s, auxiliary = %s, dropout = %s, width = %s",
        KEY,
        Knobs.written(table),
        auxiliary,
        Knobs.written(dropout),
        Knobs.written(width));
  }

  @Override
  public Network network(int resolution, int classes) {
    var builder = Network.forImages(resolution);
    var x = convolution(builder, "stem1", 64, 7, 2, builder.image());
    x = builder.add("stem1.pool", shrinking(3), x);
    x = convolution(builder, "stem2", 64, 1, 1, x);
    x = convolution(builder, "stem3", 192, 3, 1, x);
    for (int i = 1; i <= table.size(); i++) {
      var row = table.get(i - 1);
      var name = "module" + i;
      x = row.pool() == 0 ? x : builder.add(name + ".shrink", shrinking(row.pool()), x);
      x = module(builder, name, row, x);
      if (auxiliary && row.auxiliary()) {
        builder.auxiliary(auxiliary(builder, name + ".auxiliary", classes, x), AUXILIARY_WEIGHT);
      }
    }
    return Classifier.pooled(builder, dropout, classes, x);
  }

  private Network.Node module(Network.Builder builder, String name, Row row, Network.Node input) {
    var plain = convolution(builder, name + ".1x1", row.plain(), 1, 1, input);
    var three = convolution(builder, name + ".3x3-reduce", row.reduceThree(), 1, 1, input);
    three = convolution(builder, name + ".3x3", row.three(), 3, 1, three);
    var five = convolution(builder, name + ".5x5-reduce", row.reduceFive(), 1, 1, input);
    five = convolution(builder, name + ".5x5", row.five(), 3, 1, five);
    var pool = builder.add(name + ".pool", new MaxPool(3, 1, 1), input);
    pool = convolution(builder, name + ".pool-project", row.project(), 1, 1, pool);
    return builder.add(name + ".concat", new ChannelOperation.Concat(), plain, three, five, pool);
  }

  private Network.Node auxiliary(
      Network.Builder builder, String name, int classes, Network.Node input) {
    int side = input.shape().height();
    var pool = side < 5 ? new AveragePool(side, side) : new AveragePool(5, 3);
    var x = builder.add(name + ".pool", pool, input);
    x = convolution(builder, name + ".project", 128, 1, 1, x);
    x = builder.add(name + ".flatten", new Flatten(), x);
    x = builder.add(name + ".hidden", new Dense(Knobs.scaled(1024, width)), x);
    x = builder.add(name + ".hidden.act", new Activation(RELU), x);
    x = Classifier.dropped(builder, name + ".dropout", AUXILIARY_DROPOUT, x);
    return builder.add(name + ".classifier", new Dense(classes), x);
  }

  private Network.Node convolution(
      Network.Builder builder,
      String name,
      int channels,
      int kernel,
      int stride,
      Network.Node input) {
    var operation = new Convolution(Knobs.scaled(channels, width), kernel, stride, 1);
    var conv = builder.add(name + ".conv", operation, input);
    return builder.norm(name, new BatchNorm(1e-3, 0.9), RELU, conv);
  }

  private static MaxPool shrinking(int kernel) {
    return new MaxPool(new Window(kernel, 2, 0, true));
  }
}
