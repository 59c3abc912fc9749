package dev.expanse.core.network;

import static dev.expanse.core.network.Operation.Activation.Function.RELU;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.Operation.Convolution;
import java.util.List;
import java.util.Locale;

/**
 * Networks of depthwise 3 x 3 and 1 x 1 convolutions in turn, each with batch norm and ReLU (Howard
 * et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
 * 2017, table 1). The stride that the table gives its last depthwise convolution is taken for 1, as
 * everybody does, for else the map would be 4 x 4.
 *
 * @param table the rows, each a stage of pairs
 * @param width multiplier of all channels, the paper's alpha
 * @param stem channels of the first convolution, before {@code width}
 * @param dropout rate of the dropout before the classifier
 */
public record MobileNetV1(List<Row> table, double width, int stem, double dropout)
    implements Family {

  static final String KEY = "mobilenet-v1";
  private static final List<String> COLUMNS = List.of("channels", "repeats", "stride");

  /** The published network: 4,231,976 parameters at 1000 classes. */
  static final Family MOBILENET_V1 =
      new MobileNetV1(
          List.of(
              new Row(64, 1, 1),
              new Row(128, 2, 2),
              new Row(256, 2, 2),
              new Row(512, 6, 2),
              new Row(1024, 2, 2)),
          1,
          32,
          0);

  /**
   * A stage.
   *
   * @param channels output channels of each 1 x 1 convolution
   * @param repeats how many pairs there are
   * @param stride stride of the first depthwise convolution
   */
  public record Row(int channels, int repeats, int stride) {
    @Override
    public String toString() {
      return "[" + channels + ", " + repeats + ", " + stride + "]";
    }
  }

  /**
   * @throws IllegalArgumentException if the table has no rows; the message shows the table
   */
  public MobileNetV1 {
    table = Knobs.notEmpty(table);
  }

  static MobileNetV1 read(Settings settings) {
    settings.onlyKeys("table", "width", "stem", "dropout");
    var table =
        settings.table(
            "table",
            COLUMNS,
            cells ->
                new Row(
                    settings.cell("table", "channels", cells.get(0), 1, Knobs.MOST_CHANNELS),
                    settings.cell("table", "repeats", cells.get(1), 1, Knobs.MOST_REPEATS),
                    settings.cell("table", "stride", cells.get(2), 1, 8)));
    return new MobileNetV1(
        table,
        Knobs.width(settings),
        Knobs.channels(settings, "stem", 32),
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
        "family = %s, table = %s, width = %s, stem = %d, dropout = %s",
        KEY,
        Knobs.written(table),
        Knobs.written(width),
        stem,
        Knobs.written(dropout));
  }

  @Override
  public Network network(int resolution, int classes) {
    var builder = Network.forImages(resolution);
    var first = new Convolution(Knobs.scaled(stem, width), 3, 2, 1);
    var x = builder.convolution("stem", first, RELU, builder.image());
    for (int stage = 1; stage <= table.size(); stage++) {
      var row = table.get(stage - 1);
      for (int i = 1; i <= row.repeats(); i++) {
        int inputs = x.shape().channels();
        var depthwise = new Convolution(inputs, 3, i == 1 ? row.stride() : 1, inputs);
        var pointwise = new Convolution(Knobs.scaled(row.channels(), width), 1, 1, 1);
        var name = "stage" + stage + "." + i;
        x = builder.convolution(name + ".depthwise", depthwise, RELU, x);
        x = builder.convolution(name + ".pointwise", pointwise, RELU, x);
      }
    }
    return Classifier.pooled(builder, dropout, classes, x);
  }
}
