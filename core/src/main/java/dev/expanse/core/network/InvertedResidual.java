package dev.expanse.core.network;

import static dev.expanse.core.network.Operation.Activation.Function.RELU6;

import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.Operation.Add;
import dev.expanse.core.network.Operation.Convolution;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Networks of inverted residual blocks: a 1 x 1 convolution widens the channels by the expansion
 * factor, a depthwise convolution filters them, a 1 x 1 convolution without activation narrows them
 * again, and where the shape allows it the input is added (Sandler et al., "MobileNetV2: Inverted
 * Residuals and Linear Bottlenecks", 2018, section 3 and table 2).
 *
 * @param table the rows, each a stage of blocks
 * @param width multiplier of all channels, which are then rounded to a multiple of 8
 * @param stem channels of the first convolution, before {@code width}
 * @param head channels of the last convolution, before {@code width}, which never narrows it
 * @param dropout rate of the dropout before the classifier
 * @param squeezeExcite reduction ratio of the squeeze-and-excitation between the depthwise
 *     convolution and the one that narrows, the place that Howard et al. give it ("Searching for
 *     MobileNetV3", 2019, figure 4); 0 for none
 */
public record InvertedResidual(
    List<Row> table, double width, int stem, int head, double dropout, int squeezeExcite)
    implements Family {

  static final String KEY = "inverted-residual";

  /** The columns of the table. */
  public static final List<String> COLUMNS =
      List.of("expansion", "channels", "repeats", "stride", "kernel");

  /**
   * MobileNetV2 (Sandler et al., 2018, table 2), as torchvision has it: 3,504,872 parameters and
   * 300,774,272 MACs at 224 x 224 and 1000 classes.
   */
  static final Family MOBILENET_V2 =
      of(
          new Row(1, 16, 1, 1, 3),
          new Row(6, 24, 2, 2, 3),
          new Row(6, 32, 3, 2, 3),
          new Row(6, 64, 4, 2, 3),
          new Row(6, 96, 3, 1, 3),
          new Row(6, 160, 3, 2, 3),
          new Row(6, 320, 1, 1, 3));

  /**
   * The network of "Efficient Convolutional Neural Network with low Complexity" (Lee, Lee, Ho,
   * 2020), as its abstract describes it: MobileNetV2 with larger expansion factors, adjusted
   * channel counts and a few layers left out, at half the computation or less. The paper's own
   * table is not public: <b>this one was found by a search</b> among such networks on photographs
   * of 64 x 64 (notebooks/photographs.md). It has 149,759,104 MACs at 224 x 224 and 100 classes,
   * where MobileNetV2 has 299,622,272.
   */
  static final Family ECNN =
      of(
              new Row(1, 16, 1, 1, 3),
              new Row(6, 24, 1, 2, 3),
              new Row(6, 24, 2, 2, 3),
              new Row(10, 48, 1, 2, 3),
              new Row(12, 96, 1, 1, 3),
              new Row(10, 96, 2, 2, 3),
              new Row(6, 320, 1, 1, 3))
          .withStem(16);

  /**
   * A stage of blocks.
   *
   * @param expansion expansion factor t: how many times wider than its input a block is inside; 1
   *     leaves the widening convolution out
   * @param channels output channels c of each block
   * @param repeats number of blocks n
   * @param stride stride s of the first block
   * @param kernel side k of the depthwise kernels
   */
  public record Row(double expansion, int channels, int repeats, int stride, int kernel) {
    /**
     * Reads the cells of a row, in the order of {@link #COLUMNS}.
     *
     * @param key where the row stands, for messages
     * @param leastRepeats the fewest blocks that it may have
     * @throws dev.expanse.core.config.InvalidInputException if a cell is out of range
     */
    public static Row read(
        Settings settings, String key, List<ConfigValue> cells, int leastRepeats) {
      return new Row(
          settings.cell(key, "expansion", cells.get(0), 0.125, 64.0),
          settings.cell(key, "channels", cells.get(1), 1, Knobs.MOST_CHANNELS),
          settings.cell(key, "repeats", cells.get(2), leastRepeats, Knobs.MOST_REPEATS),
          settings.cell(key, "stride", cells.get(3), 1, 8),
          settings.cell(key, "kernel", cells.get(4), 1, 31));
    }

    /** The row as HOCON. */
    @Override
    public String toString() {
      return "["
          + String.join(
              ", ",
              Knobs.written(expansion),
              String.valueOf(channels),
              String.valueOf(repeats),
              String.valueOf(stride),
              String.valueOf(kernel))
          + "]";
    }

    private Row withExpansion(double factor) {
      return new Row(factor, channels, repeats, stride, kernel);
    }
  }

  /**
   * @throws IllegalArgumentException if the table has no rows; the message shows the table
   */
  public InvertedResidual {
    table = Knobs.notEmpty(table);
  }

  /** A network of width 1 with the usual stem of 32, head of 1280 and dropout of 0.2. */
  public static InvertedResidual of(Row... table) {
    return new InvertedResidual(List.of(table), 1.0, 32, 1280, 0.2, 0);
  }

  /**
   * The same knobs with another table.
   *
   * @throws IllegalArgumentException if the table has no rows
   */
  public InvertedResidual withTable(List<Row> rows) {
    return new InvertedResidual(rows, width, stem, head, dropout, squeezeExcite);
  }

  private InvertedResidual withStem(int channels) {
    return new InvertedResidual(table, width, channels, head, dropout, squeezeExcite);
  }

  static InvertedResidual read(Settings settings) {
    settings.onlyKeys("table", "expansion", "width", "stem", "head", "dropout", "squeeze-excite");
    var table = settings.table("table", COLUMNS, cells -> Row.read(settings, "table", cells, 1));
    return new InvertedResidual(
        settings.has("expansion") ? expanded(table, settings) : table,
        Knobs.width(settings),
        Knobs.channels(settings, "stem", 32),
        Knobs.channels(settings, "head", 1280),
        Knobs.dropout(settings, 0.2),
        Knobs.squeezeExcite(settings));
  }

  /** One factor for every row that widens, or one for each row. */
  private static List<Row> expanded(List<Row> table, Settings settings) {
    if (settings.value("expansion").valueType() != ConfigValueType.LIST) {
      double factor = settings.number("expansion", 0.125, 64, 1);
      return table.stream()
          .map(row -> row.expansion() == 1 ? row : row.withExpansion(factor))
          .toList();
    }
    var factors = settings.numbers("expansion", 0.125, 64);
    if (factors.size() != table.size()) {
      throw settings.wrong(
          "expansion", factors, "a number, or a list of " + table.size() + ", one for each row");
    }
    var rows = new ArrayList<Row>();
    for (int i = 0; i < table.size(); i++) {
      rows.add(table.get(i).withExpansion(factors.get(i)));
    }
    return rows;
  }

  @Override
  public String key() {
    return KEY;
  }

  @Override
  public String toHocon() {
    var hocon =
        String.format(
            Locale.ROOT,
            "family = %s, table = %s, width = %s, stem = %d, head = %d, dropout = %s",
            KEY,
            Knobs.written(table),
            Knobs.written(width),
            stem,
            head,
            Knobs.written(dropout));
    // not written where there is none, for stored results are found by the hash of this
    return squeezeExcite == 0 ? hocon : hocon + ", squeeze-excite = " + squeezeExcite;
  }

  @Override
  public Network network(int resolution, int classes) {
    var builder = Network.forImages(resolution);
    var x = stem(builder);
    for (int i = 0; i < table.size(); i++) {
      x = stage(builder, i + 1, table.get(i), x);
    }
    return rest(builder, classes, x);
  }

  /**
   * The part of {@link #network} before its stages, by itself. All parts one after another, each on
   * the map that the one before gives, are the network, and no other map goes from part to part.
   *
   * @throws IllegalArgumentException as the network would
   */
  public Network stem(int resolution) {
    var builder = Network.forImages(resolution);
    stem(builder);
    return builder.part();
  }

  /**
   * A stage by itself.
   *
   * @param number of the stage, from 1: its nodes are named by it
   * @param row the stage's row, which the table need not have
   * @param map what comes of the part before
   * @throws IllegalArgumentException as the network would
   */
  public Network stage(int number, Row row, Shape map) {
    var builder = Network.forMap(map);
    stage(builder, number, row, builder.image());
    return builder.part();
  }

  /**
   * What comes after the stages, by itself.
   *
   * @param map what comes of the last stage
   * @throws IllegalArgumentException as the network would
   */
  public Network rest(Shape map, int classes) {
    var builder = Network.forMap(map);
    return rest(builder, classes, builder.image());
  }

  private Network.Node stem(Network.Builder builder) {
    return builder.convolution("stem", dense(scaled(stem, width), 3, 2), RELU6, builder.image());
  }

  private Network.Node stage(Network.Builder builder, int number, Row row, Network.Node input) {
    var x = input;
    for (int i = 0; i < row.repeats(); i++) {
      x = block(builder, "stage" + number + "." + (i + 1), row, i == 0 ? row.stride() : 1, x);
    }
    return x;
  }

  private Network rest(Network.Builder builder, int classes, Network.Node input) {
    int channels = scaled(head, Math.max(1, width));
    var x = builder.convolution("head", dense(channels, 1, 1), RELU6, input);
    return Classifier.pooled(builder, dropout, classes, x);
  }

  private Network.Node block(
      Network.Builder builder, String name, Row row, int stride, Network.Node input) {
    int channels = scaled(row.channels(), width);
    int hidden = (int) Math.rint(input.shape().channels() * row.expansion());
    var x = input;
    if (row.expansion() != 1) {
      x = builder.convolution(name + ".expand", dense(hidden, 1, 1), RELU6, x); // pw
    }
    var depthwise = new Convolution(hidden, row.kernel(), stride, hidden);
    x = builder.convolution(name + ".depthwise", depthwise, RELU6, x); // dw
    x = SqueezeExcite.add(builder, name + ".excite", squeezeExcite, x);
    x = builder.convolution(name + ".project", dense(channels, 1, 1), null, x); // pw-linear
    return stride == 1 && input.shape().channels() == channels
        ? builder.add(name + ".add", new Add(), input, x)
        : x;
  }

  private static Convolution dense(int channels, int kernel, int stride) {
    return new Convolution(channels, kernel, stride, 1);
  }

  /** Rounded to a multiple of 8 that loses at most a tenth, as in torchvision's _make_divisible. */
  private static int scaled(int channels, double width) {
    double exact = channels * width;
    int rounded = Math.max(8, (int) (exact + 4) / 8 * 8);
    return rounded < 0.9 * exact ? rounded + 8 : rounded;
  }
}
