package dev.expanse.jobs.sweep;

import static java.util.stream.Collectors.groupingBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.space.Evolution;
import dev.expanse.jobs.space.Search;
import dev.expanse.jobs.space.SearchSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a sweep in which its space evolves, see {@link Evolution}. A network's score is its
 * top-1, the mean over the sweep's seeds; one of which a training has failed, or that is too slow,
 * has none. What has a row is not measured again, and rows say the same whenever they are read, so
 * that a search that was ended anywhere and began again comes to the same configurations.
 */
final class EvolutionPhase {
  private static final Logger LOG = LoggerFactory.getLogger(EvolutionPhase.class);

  private final SearchSpace space;
  private final Search.Evolve search;
  private final int classes;
  private final KeptRows kept;
  private final Function<List<NetworkSpec>, List<Configuration>> measuring;
  private final List<Configuration> measured = new ArrayList<>();
  private String best;
  private double bestScore;

  /**
   * A search that is about to begin.
   *
   * @param classes the dataset's number of classes
   * @param measuring measures a generation's networks, with all seeds, and says under which keys
   *     their rows are
   */
  EvolutionPhase(
      SearchSpace space,
      Search.Evolve search,
      int classes,
      KeptRows kept,
      Function<List<NetworkSpec>, List<Configuration>> measuring) {
    this.space = space;
    this.search = search;
    this.classes = classes;
    this.kept = kept;
    this.measuring = measuring;
  }

  /**
   * Runs all generations.
   *
   * @return all configurations that it has come to
   * @throws InvalidInputException as measuring does
   */
  List<Configuration> run() {
    var outcome = Evolution.run(space, search, this::scores);
    LOG.info(
        "{}: {}; {} have a score", space.source(), outcome.summary(), outcome.evaluated().size());
    return List.copyOf(measured);
  }

  private List<OptionalDouble> scores(Evolution.Generation generation) {
    var title = "Generation %d of %d".formatted(generation.number(), 1 + search.generations());
    LOG.info(
        "{}: {} configurations, for which {}",
        title,
        generation.candidates().size(),
        generation.lookedAt());
    var networks =
        generation.candidates().stream().map(one -> one.spec().withClasses(classes)).toList();
    var configurations = measuring.apply(networks);
    measured.addAll(configurations);
    var byNetwork = configurations.stream().collect(groupingBy(one -> one.network().hash()));
    var scores = networks.stream().map(one -> score(byNetwork.get(one.hash()))).toList();
    for (int i = 0; i < scores.size(); i++) {
      consider(networks.get(i).name(), scores.get(i));
    }
    LOG.info("{}: {}", title, soFar());
    return scores;
  }

  private OptionalDouble score(List<Configuration> ofSeeds) {
    return ofSeeds.stream().allMatch(one -> kept.top1(one).isPresent())
        ? ofSeeds.stream().mapToDouble(one -> kept.top1(one).getAsDouble()).average()
        : OptionalDouble.empty();
  }

  private void consider(String name, OptionalDouble score) {
    if (score.isPresent() && (best == null || score.getAsDouble() > bestScore)) {
      best = name;
      bestScore = score.getAsDouble();
    }
  }

  private String soFar() {
    return best == null
        ? "none has a score so far"
        : String.format(Locale.ROOT, "the best so far is %s, top-1 %.1f%%", best, 100 * bestScore);
  }
}
