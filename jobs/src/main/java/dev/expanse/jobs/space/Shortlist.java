package dev.expanse.jobs.space;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.network.NetworkSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * The configurations of a space that are worth running: all valid ones of a grid, or as many valid
 * ones as a random search asks for, in the order in which they are drawn.
 *
 * @param networks the valid ones
 * @param summary of all that were looked at
 */
public record Shortlist(List<NetworkSpec> networks, Summary summary) {
  private static final int MOST_DRAWS = 1_000_000;

  /**
   * Looks at the configurations of a space until there are enough.
   *
   * @throws InvalidInputException if the grid is too large, the strategy is evolution, or no
   *     configuration is valid
   */
  public static Shortlist of(SearchSpace space) {
    var sample = space.sample();
    long most = Math.min(sample.size(), Math.max(sample.count(), MOST_DRAWS));
    var networks = new ArrayList<NetworkSpec>();
    var assessed = new ArrayList<Assessment>();
    for (long place = 0; place < most && networks.size() < sample.count(); place++) {
      var assessment = space.assess(sample.at(place));
      assessed.add(assessment);
      if (assessment.isOk()) {
        networks.add(space.spec(assessment.index()));
      }
    }
    var summary = Summary.of(assessed);
    if (networks.isEmpty()) {
      throw InvalidInputException.of(
          "%s: expected a valid configuration, but %s", space.source(), summary);
    }
    return new Shortlist(List.copyOf(networks), summary);
  }
}
