package dev.expanse.jobs.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All that training needs to go on from a round.
 *
 * @param description what is trained and where it is, as its writer puts it
 * @param round rounds done
 * @param arrays numbers by name, such as parameters and an updater's state, in the order in which
 *     they are written; the arrays are not copied and must not be changed
 */
public record Checkpoint(String description, long round, Map<String, float[]> arrays) {
  /** A checkpoint; a negative round is refused. */
  public Checkpoint {
    if (round < 0) {
      throw new IllegalArgumentException("round = " + round + ", expected 0 or more");
    }
    arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
  }
}
