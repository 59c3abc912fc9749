package dev.expanse.jobs.sweep;

import com.typesafe.config.ConfigValueType;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.data.ConfigurationFiles;
import dev.expanse.jobs.space.Search;
import dev.expanse.jobs.space.SearchSpace;
import dev.expanse.jobs.space.Shortlist;
import java.util.List;
import java.util.Optional;

/**
 * The search space of a sweep.
 *
 * @param space the space
 * @param networks those that a grid or a random search has found valid; none where the space
 *     evolves, for which ones are measured then depends on what is measured
 */
public record SweptSpace(SearchSpace space, List<NetworkSpec> networks) {
  /**
   * Reads the value {@code space} of a sweep, a space or its name or file; empty if there is none.
   *
   * @throws InvalidInputException if it is no space, or has no valid configuration
   */
  static Optional<SweptSpace> read(Settings settings) {
    if (!settings.has("space")) {
      return Optional.empty();
    }
    var space =
        SearchSpace.read(
            settings.value("space").valueType() == ConfigValueType.OBJECT
                ? settings.object("space")
                : ConfigurationFiles.read("spaces", settings.text("space")));
    if (space.search() instanceof Search.Evolve) {
      Shortlist.requireValid(space);
      return Optional.of(new SweptSpace(space, List.of()));
    }
    return Optional.of(new SweptSpace(space, Shortlist.of(space).networks()));
  }

  /** How the space evolves, if it does. */
  Optional<Search.Evolve> evolution() {
    return space.search() instanceof Search.Evolve evolve ? Optional.of(evolve) : Optional.empty();
  }

  /** How many configurations a sweep may come to. */
  public long count() {
    return evolution().isPresent() ? space.size() : networks.size();
  }

  /**
   * Whether evolution may come to a network.
   *
   * @param name the network's, which has its place in the space
   * @param hash the network's
   * @param classes the dataset's number of classes
   */
  public boolean mayComeTo(String name, String hash, int classes) {
    var digits = name.substring(name.lastIndexOf('-') + 1);
    if (evolution().isEmpty() || !digits.matches("\\d{1,18}")) {
      return false;
    }
    long index = Long.parseLong(digits);
    if (index >= space.size() || !space.name(index).equals(name)) {
      return false;
    }
    try {
      return space.spec(index).withClasses(classes).hash().equals(hash);
    } catch (InvalidInputException | IllegalArgumentException e) {
      return false; // a configuration of the space, but none that makes a network
    }
  }
}
