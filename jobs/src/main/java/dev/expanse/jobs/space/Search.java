package dev.expanse.jobs.space;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import java.util.Set;

/** Which configurations of a {@link SearchSpace} are looked at. */
public sealed interface Search {
  /** The most configurations that a random search draws. */
  int MOST_SAMPLES = 1_000_000_000;

  /** What chance is made of; 1 where the strategy leaves nothing to it. */
  default long seed() {
    return 1;
  }

  /** All of them, in the order of their index. */
  record Grid() implements Search {}

  /**
   * Some, drawn without replacement, each as probable as any other.
   *
   * @param samples how many; all where there are fewer
   * @param seed the same seed draws the same configurations
   */
  record Random(long samples, long seed) implements Search {}

  /**
   * Those that {@link Evolution} comes to.
   *
   * @param population how many configurations survive a generation, and how many are tried in each
   * @param generations how many generations follow the first, which is drawn at random
   * @param mutation the probability that a child differs from its parent in a given choice; one
   *     choice at least is another
   * @param seed the same seed and objective come to the same configurations
   */
  record Evolve(int population, int generations, double mutation, long seed) implements Search {}

  /**
   * Reads {@code { strategy = random, samples = 1000, seed = 1 }}; nothing is a grid.
   *
   * @throws InvalidInputException if a key is unknown to the strategy, or a value out of range
   */
  static Search read(Settings settings) {
    var strategy = settings.choice("strategy", "grid", Set.of("grid", "random", "evolution"));
    return switch (strategy) {
      case "random" -> random(settings.onlyKeys("strategy", "samples", "seed"));
      case "evolution" ->
          evolve(settings.onlyKeys("strategy", "population", "generations", "mutation", "seed"));
      default -> {
        settings.onlyKeys("strategy");
        yield new Grid();
      }
    };
  }

  private static Search random(Settings settings) {
    return new Random(settings.integer("samples", 1, MOST_SAMPLES, 1000), readSeed(settings));
  }

  private static Search evolve(Settings settings) {
    return new Evolve(
        settings.integer("population", 2, 100_000, 20),
        settings.integer("generations", 1, 1_000_000, 20),
        settings.number("mutation", 0, 1, 0.1),
        readSeed(settings));
  }

  private static long readSeed(Settings settings) {
    return settings.integer("seed", 0, Integer.MAX_VALUE, 1);
  }
}
