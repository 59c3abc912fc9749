package dev.expanse.jobs.sweep;

import static java.util.stream.Collectors.joining;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.jobs.checkpoint.Checkpoint;
import dev.expanse.jobs.training.TrainingState;
import dev.expanse.jobs.training.TrainingTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * What a training of a sweep has behind it, which is kept with its state.
 *
 * @param startedAt when it was begun
 * @param seconds that it has taken, without what was lost with a process
 * @param rounds rows of the table {@code training}, of which only the numbers are kept
 */
record TrainingPast(Instant startedAt, double seconds, List<Map<String, Object>> rounds) {
  private static final String STARTED = "started-at";
  private static final String SECONDS = "seconds";
  private static final String ROUNDS = "rounds";

  /** A state as it is kept on disk, with this. */
  Checkpoint with(TrainingState state) {
    var alone = state.toCheckpoint();
    var lines = new ArrayList<String>();
    lines.add(STARTED + " = \"" + startedAt + "\"");
    lines.add(SECONDS + " = " + seconds);
    rounds
        .get(0)
        .forEach(
            (column, value) -> {
              if (value instanceof Number) {
                lines.add(ROUNDS + "." + column + " = \"" + column(column) + "\"");
              }
            });
    var description = alone.description() + String.join("\n", lines) + "\n";
    return new Checkpoint(description, alone.round(), alone.arrays());
  }

  private String column(String name) {
    return rounds.stream().map(row -> row.get(name).toString()).collect(joining(" "));
  }

  /**
   * Reads what was kept with a state.
   *
   * @param name of the checkpoint, for messages
   * @param common columns that all rows have beside the numbers
   * @throws InvalidInputException if it is of something else
   */
  static TrainingPast of(Checkpoint checkpoint, String name, Map<String, Object> common) {
    var settings = Settings.parse(checkpoint.description(), name);
    var columns = settings.object(ROUNDS);
    var rounds = new ArrayList<Map<String, Object>>();
    for (var column : columns.keys()) {
      var type = TrainingTable.SCHEMA.apply(column).dataType();
      var values = columns.text(column).split(" ");
      for (int i = 0; i < values.length; i++) {
        if (i == rounds.size()) {
          rounds.add(new HashMap<>(common));
        }
        rounds.get(i).put(column, number(values[i], type));
      }
    }
    return new TrainingPast(
        Instant.parse(settings.text(STARTED)),
        settings.number(SECONDS, 0, Double.MAX_VALUE),
        rounds);
  }

  private static Object number(String text, DataType type) {
    if (type.equals(DataTypes.IntegerType)) {
      return Integer.valueOf(text);
    }
    return type.equals(DataTypes.LongType) ? (Object) Long.valueOf(text) : Double.valueOf(text);
  }
}
