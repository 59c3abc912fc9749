package dev.expanse.jobs.space;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.network.NetworkSpec;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configurations of a space that are worth running: all valid ones of a grid, or as many valid
 * ones as a random search asks for, in the order in which they are drawn.
 *
 * @param networks the valid ones
 * @param summary of all that were looked at
 */
public record Shortlist(List<NetworkSpec> networks, Summary summary) {
  private static final Logger LOG = LoggerFactory.getLogger(Shortlist.class);
  private static final int MOST_LOOKED_AT = 1_000_000;

  /**
   * Looks at the configurations of a space until there are enough.
   *
   * @throws InvalidInputException if there are more than a million to look at, the strategy is
   *     evolution, or no configuration is valid
   */
  public static Shortlist of(SearchSpace space) {
    var list = look(space);
    LOG.info("{}: {}", space.source(), list.summary());
    return list;
  }

  /**
   * Looks for one valid configuration, whatever the strategy.
   *
   * @throws InvalidInputException if there is none among a million that are drawn at random
   */
  public static void requireValid(SearchSpace space) {
    look(space.withSamples(1));
  }

  private static Shortlist look(SearchSpace space) {
    var sample = space.sample();
    if (sample.count() > MOST_LOOKED_AT) {
      throw InvalidInputException.of(
          "%s: search: expected at most %,d configurations to choose from, not %,d",
          space.source(), MOST_LOOKED_AT, sample.count());
    }
    long most = Math.min(sample.size(), MOST_LOOKED_AT);
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
