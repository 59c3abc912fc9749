package dev.expanse.jobs.recipe;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a network is evaluated, and when.
 *
 * @param cropFraction share of an image's shorter side that is looked at
 * @param batch images at a time
 * @param everyEpochs epochs between two evaluations of a training; 0 for one at its end
 * @param patience so many evaluations without a better top-1 end a training; 0 for no early end
 */
public record Evaluation(double cropFraction, int batch, int everyEpochs, int patience)
    implements Serializable {

  /**
   * Reads the object {@code evaluation}.
   *
   * @throws InvalidInputException if a key is unknown, a value out of range, or patience is asked
   *     for where there are no evaluations to wait for
   */
  static Evaluation read(Settings settings) {
    settings.onlyKeys("crop-fraction", "batch", "every-epochs", "patience");
    var evaluation =
        new Evaluation(
            settings.number("crop-fraction", 0.1, 1, 0.875),
            settings.integer("batch", 1, 65_536, 64),
            settings.integer("every-epochs", 0, 100_000, 0),
            settings.integer("patience", 0, 100_000, 0));
    if (evaluation.patience > 0 && evaluation.everyEpochs == 0) {
      throw settings.wrong("patience", evaluation.patience, "0 where evaluation.every-epochs is 0");
    }
    return evaluation;
  }

  /** Its keys and values below {@code evaluation}. */
  Map<String, Object> entries() {
    var entries = new LinkedHashMap<String, Object>();
    entries.put("crop-fraction", cropFraction);
    entries.put("batch", batch);
    entries.put("every-epochs", everyEpochs);
    entries.put("patience", patience);
    return entries;
  }
}
