package dev.expanse.jobs.sweep;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import dev.expanse.core.config.Settings;
import dev.expanse.jobs.checkpoint.Checkpoint;
import dev.expanse.jobs.training.TrainingState;
import dev.expanse.jobs.training.TrainingTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** The rounds before a state, kept with it: what differs between their rows, which are numbers. */
final class KeptRounds {
  private static final String KEY = "rounds";

  private KeptRounds() {}

  /** A state as it is kept on disk, with rows of the table {@code training}. */
  static Checkpoint checkpoint(TrainingState state, List<Map<String, Object>> rows) {
    var numbers = rows.stream().map(KeptRounds::numbers).toList();
    var hocon = ConfigValueFactory.fromIterable(numbers).render(ConfigRenderOptions.concise());
    var alone = state.toCheckpoint();
    return new Checkpoint(
        alone.description() + KEY + " = " + hocon + "\n", alone.round(), alone.arrays());
  }

  private static Map<String, Object> numbers(Map<String, Object> row) {
    var numbers = new HashMap<String, Object>();
    row.forEach(
        (column, value) -> {
          if (value instanceof Number) {
            numbers.put(column, value);
          }
        });
    return numbers;
  }

  /**
   * Reads the columns that {@link #checkpoint} keeps; no rows where there are none.
   *
   * @param name of the checkpoint, for messages
   */
  static List<Map<String, Object>> read(Checkpoint checkpoint, String name) {
    var settings = Settings.parse(checkpoint.description(), name);
    return settings.has(KEY)
        ? settings.items(KEY).stream().map(item -> row((Map<?, ?>) item.unwrapped())).toList()
        : List.of();
  }

  private static Map<String, Object> row(Map<?, ?> numbers) {
    var row = new HashMap<String, Object>();
    numbers.forEach(
        (column, value) ->
            row.put(
                (String) column,
                typed((Number) value, TrainingTable.SCHEMA.apply((String) column).dataType())));
    return row;
  }

  private static Number typed(Number value, DataType type) {
    if (type.equals(DataTypes.IntegerType)) {
      return value.intValue();
    }
    return type.equals(DataTypes.LongType) ? (Number) value.longValue() : value.doubleValue();
  }
}
