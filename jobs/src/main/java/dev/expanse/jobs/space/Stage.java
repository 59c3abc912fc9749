package dev.expanse.jobs.space;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.InvertedResidual;
import dev.expanse.core.network.InvertedResidual.Row;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What one row of an inverted-residual table may be. All rows without repeats are one choice: the
 * stage is left out, whatever its other columns would have been.
 *
 * @param options what it may be, all different
 */
record Stage(List<Option> options) {
  private static final int MOST_OPTIONS = 100_000;

  /**
   * What a stage may be.
   *
   * @param row the row of the table
   * @param written the same as HOCON, which many configurations have
   */
  record Option(Row row, String written) {
    private Option(Row row) {
      this(row, row.toString());
    }
  }

  /**
   * Reads a stage such as {@code { expansion = [4, 6], repeats = [0, 1] }}.
   *
   * @param space the settings that messages are about
   * @param number of the stage, from 1
   * @param item what stands there
   * @param base the row whose columns are those that are not mentioned
   */
  static Stage read(Settings space, int number, ConfigValue item, Row base) {
    var key = "stages[" + number + "]";
    if (!(item instanceof ConfigObject object)) {
      throw space.wrong(key, item, "an object such as { expansion = [4, 6] }");
    }
    Settings.of(object.toConfig(), space.source())
        .onlyKeys(InvertedResidual.COLUMNS.toArray(String[]::new));
    var rows = List.of(cells(base));
    long count = 1;
    for (int column = 0; column < InvertedResidual.COLUMNS.size(); column++) {
      var name = InvertedResidual.COLUMNS.get(column);
      var value = object.get(name);
      if (value == null) {
        continue;
      }
      var values = values(space, key + "." + name, value);
      count *= values.size();
      if (count > MOST_OPTIONS) {
        throw space.wrong(key, item, "at most " + MOST_OPTIONS + " combinations of its values");
      }
      int at = column;
      rows = rows.stream().flatMap(row -> values.stream().map(v -> with(row, at, v))).toList();
    }
    var options = new LinkedHashSet<Row>();
    rows.forEach(cells -> options.add(canonical(Row.read(space, key, cells, 0), base)));
    return new Stage(options.stream().map(Option::new).toList());
  }

  private static List<ConfigValue> values(Settings space, String key, ConfigValue value) {
    return value instanceof ConfigList list ? Knob.distinct(space, key, list) : List.of(value);
  }

  private static List<ConfigValue> cells(Row row) {
    return List.<Object>of(
            row.expansion(), row.channels(), row.repeats(), row.stride(), row.kernel())
        .stream()
        .map(ConfigValueFactory::fromAnyRef)
        .toList();
  }

  private static List<ConfigValue> with(List<ConfigValue> cells, int column, ConfigValue value) {
    var changed = new ArrayList<>(cells);
    changed.set(column, value);
    return changed;
  }

  private static Row canonical(Row row, Row base) {
    return row.repeats() > 0
        ? row
        : new Row(base.expansion(), base.channels(), 0, base.stride(), base.kernel());
  }

  /** How many options there are. */
  int size() {
    return options.size();
  }

  /** Another option, of those that differ in as few columns as any, each as probable. */
  int neighbour(int option, SplittableRandom random) {
    var row = options.get(option).row();
    int nearest =
        options.stream()
            .map(Option::row)
            .filter(other -> !other.equals(row))
            .mapToInt(other -> distance(row, other))
            .min()
            .orElseThrow();
    var near =
        IntStream.range(0, size())
            .filter(other -> other != option && distance(row, options.get(other).row()) == nearest)
            .toArray();
    return near[random.nextInt(near.length)];
  }

  private static int distance(Row one, Row other) {
    if (one.repeats() == 0 || other.repeats() == 0) {
      return 1; // the stage is there or not, which is one difference
    }
    var cells = cells(one);
    var others = cells(other);
    return (int)
        IntStream.range(0, cells.size())
            .filter(column -> !Objects.equals(cells.get(column), others.get(column)))
            .count();
  }
}
