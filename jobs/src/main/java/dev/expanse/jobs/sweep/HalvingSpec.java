package dev.expanse.jobs.sweep;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.jobs.recipe.Length;
import java.util.List;

/**
 * Successive halving (Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and
 * Hyperparameter Optimization", 2016, figure 1): all configurations train up to the first rung, the
 * better part of them up to the second, and so on, and those that are left to the end.
 *
 * @param rungs in the unit of the recipe's length, epochs or images; from low to high
 * @param keep the share that goes on from a rung, rounded up
 */
public record HalvingSpec(List<Integer> rungs, double keep) {

  /**
   * Reads the object {@code halving} of a sweep.
   *
   * @param length of the recipe
   * @throws InvalidInputException if a key is unknown, a value out of range, or rungs do not rise
   *     or lie behind the end of the training
   */
  static HalvingSpec read(Settings settings, Length length) {
    settings.onlyKeys("rungs", "keep");
    var unit = length.entries().keySet().iterator().next();
    int end = ((Number) length.entries().get(unit)).intValue();
    var rungs = settings.integers("rungs", 1, Integer.MAX_VALUE);
    int before = 0;
    for (int rung : rungs) {
      if (rung <= before || rung >= end) {
        throw settings.wrong(
            "rungs", rungs, unit + " from low to high, fewer than the recipe's " + end);
      }
      before = rung;
    }
    if (rungs.isEmpty()) {
      throw settings.wrong("rungs", rungs, "at least one number of " + unit);
    }
    return new HalvingSpec(rungs, settings.number("keep", 0.001, 0.999, 0.5));
  }

  /** How many of so many go on. */
  int kept(int competitors) {
    return (int) Math.ceil(keep * competitors - 1e-9); // 0.1 x 30 is a little more than 3
  }
}
