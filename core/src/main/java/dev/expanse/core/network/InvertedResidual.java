package dev.expanse.core.network;

import static dev.expanse.core.network.Operation.Activation.Function.RELU6;

import com.typesafe.config.ConfigValueType;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.Operation.Add;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.Dropout;
import dev.expanse.core.network.Operation.GlobalAveragePool;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

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
 */
public record InvertedResidual(List<Row> table, double width, int stem, int head, double dropout)
    implements Family {

  static final String KEY = "inverted-residual";
  private static final List<String> COLUMNS =
      List.of("expansion", "channels", "repeats", "stride", "kernel");
  private static final int MOST_CHANNELS = 65_536;

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
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "[%s, %d, %d, %d, %d]", plain(expansion), channels, repeats, stride, kernel);
    }

    private Row withExpansion(double factor) {
      return new Row(factor, channels, repeats, stride, kernel);
    }
  }

  /**
   * @throws IllegalArgumentException if the table has no rows; the message shows the table
   */
  public InvertedResidual {
    table = List.copyOf(table);
    if (table.isEmpty()) {
      throw new IllegalArgumentException("Cannot build a network of the empty table " + table);
    }
  }

  /** A network of width 1 with the usual stem of 32, head of 1280 and dropout of 0.2. */
  public static InvertedResidual of(Row... table) {
    return new InvertedResidual(List.of(table), 1.0, 32, 1280, 0.2);
  }

  static InvertedResidual read(Settings settings) {
    settings.onlyKeys("table", "expansion", "width", "stem", "head", "dropout");
    var table = new ArrayList<Row>();
    for (var cells : settings.rows("table", COLUMNS)) {
      table.add(
          new Row(
              settings.cell("table", "expansion", cells.get(0), 0.125, 64.0),
              settings.cell("table", "channels", cells.get(1), 1, MOST_CHANNELS),
              settings.cell("table", "repeats", cells.get(2), 1, 1000),
              settings.cell("table", "stride", cells.get(3), 1, 8),
              settings.cell("table", "kernel", cells.get(4), 1, 31)));
    }
    if (table.isEmpty()) {
      throw settings.wrong("table", "[]", "at least one row of " + COLUMNS);
    }
    return new InvertedResidual(
        settings.has("expansion") ? expanded(table, settings) : table,
        settings.number("width", 0.01, 100, 1.0),
        settings.integer("stem", 1, MOST_CHANNELS, 32),
        settings.integer("head", 1, MOST_CHANNELS, 1280),
        settings.number("dropout", 0, 0.99, 0.2));
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
    return String.format(
        Locale.ROOT,
        "family = %s, table = [%s], width = %s, stem = %d, head = %d, dropout = %s",
        KEY,
        table.stream().map(Row::toString).collect(Collectors.joining(", ")),
        plain(width),
        stem,
        head,
        plain(dropout));
  }

  @Override
  public Network network(int resolution, int classes) {
    var builder = Network.forImages(resolution);
    int channels = scaled(stem, width);
    var x = builder.convolution("stem", dense(channels, 3, 2), RELU6, builder.image());
    for (int stage = 0; stage < table.size(); stage++) {
      var row = table.get(stage);
      for (int i = 0; i < row.repeats(); i++) {
        var name = "stage" + (stage + 1) + "." + (i + 1);
        x = block(builder, name, row, i == 0 ? row.stride() : 1, x);
      }
    }
    x = builder.convolution("head", dense(scaled(head, Math.max(1, width)), 1, 1), RELU6, x);
    x = builder.add("pool", new GlobalAveragePool(), x);
    x = dropout > 0 ? builder.add("dropout", new Dropout(dropout), x) : x;
    builder.add("classifier", new Dense(classes), x);
    return builder.build();
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

  private static String plain(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }
}
