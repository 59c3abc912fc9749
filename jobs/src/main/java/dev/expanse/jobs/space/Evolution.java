package dev.expanse.jobs.space;

import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.network.NetworkSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A search that tries configurations near to the best so far: a (mu + lambda) evolution strategy
 * (Bäck and Schwefel, "An Overview of Evolutionary Algorithms for Parameter Optimization", 1993,
 * section 2) with mu = lambda, parents chosen by tournaments of two as in Real et al. ("Regularized
 * Evolution for Image Classifier Architecture Search", 2019, section 3), and mutation alone. The
 * first generation is a random sample; then each has as many children as the population is large,
 * and the best of all survive. No configuration is evaluated twice, and none that cannot be built
 * or exceeds a constraint. Seed and objective determine everything.
 */
public final class Evolution {
  // after so many tries near one parent or another, what is left there is known or not valid
  private static final int TRIES = 100;
  private static final int MOST_DRAWS = 1_000_000;
  private static final Comparator<Scored> BEST_FIRST =
      Comparator.comparingDouble(Scored::score).reversed().thenComparingLong(Scored::index);

  private final SearchSpace space;
  private final Search.Evolve search;
  private final Objective objective;
  private final SplittableRandom random;
  private final Permutation drawn;
  private final Set<Long> known = new HashSet<>();
  private final List<Assessment> assessed = new ArrayList<>();
  private final List<Scored> evaluated = new ArrayList<>();
  private long draws;

  /** How good a configuration is: a larger number is better. */
  @FunctionalInterface
  public interface Objective {
    /**
     * Evaluates a configuration.
     *
     * @param spec the network
     * @param totals what it costs on paper
     * @return empty if a constraint that has to be measured is exceeded, after which it has no
     *     children
     */
    OptionalDouble score(NetworkSpec spec, Complexity.Totals totals);
  }

  /**
   * A configuration that was evaluated.
   *
   * @param index its place in the space
   * @param score what the objective said
   */
  public record Scored(long index, double score) {}

  /**
   * What a search has come to.
   *
   * @param best the last population, the best first
   * @param evaluated all that have a score, in the order in which they were evaluated
   * @param summary of all that were looked at, those that were not evaluated among them
   */
  public record Outcome(List<Scored> best, List<Scored> evaluated, Summary summary) {}

  private Evolution(SearchSpace space, Search.Evolve search, Objective objective) {
    this.space = space;
    this.search = search;
    this.objective = objective;
    this.random = new SplittableRandom(search.seed());
    this.drawn = new Permutation(space.size(), search.seed());
  }

  /**
   * Searches a space.
   *
   * @throws IllegalArgumentException if the objective says that a score is not a number
   */
  public static Outcome run(SearchSpace space, Search.Evolve search, Objective objective) {
    return new Evolution(space, search, objective).run();
  }

  private Outcome run() {
    var population = survivors(List.of(), firstGeneration());
    for (int generation = 0; generation < search.generations(); generation++) {
      population = survivors(population, children(population));
    }
    return new Outcome(population, List.copyOf(evaluated), Summary.of(assessed));
  }

  private List<Assessment> firstGeneration() {
    var generation = new ArrayList<Assessment>();
    for (int i = 0; i < search.population(); i++) {
      draw().ifPresent(generation::add);
    }
    return generation;
  }

  private List<Assessment> children(List<Scored> population) {
    var children = new ArrayList<Assessment>();
    for (int i = 0; i < search.population(); i++) {
      child(population).or(this::draw).ifPresent(children::add);
    }
    return children;
  }

  /** The best of all; a generation is scored as a whole once it is known. */
  private List<Scored> survivors(List<Scored> parents, List<Assessment> generation) {
    var scored = generation.stream().flatMap(child -> score(child).stream()).toList();
    evaluated.addAll(scored);
    return Stream.concat(parents.stream(), scored.stream())
        .sorted(BEST_FIRST)
        .limit(search.population())
        .toList();
  }

  private Optional<Scored> score(Assessment child) {
    var score = objective.score(space.spec(child.index()), child.totals());
    if (score.isPresent() && Double.isNaN(score.getAsDouble())) {
      throw new IllegalArgumentException("Cannot rank " + space.name(child.index()) + " by NaN");
    }
    return score.isPresent()
        ? Optional.of(new Scored(child.index(), score.getAsDouble()))
        : Optional.empty();
  }

  /** A valid configuration near to one of the population that nobody has looked at. */
  private Optional<Assessment> child(List<Scored> population) {
    for (int i = 0; i < TRIES && !population.isEmpty(); i++) {
      // the population is sorted
      int parent = Math.min(random.nextInt(population.size()), random.nextInt(population.size()));
      long index = space.mutated(population.get(parent).index(), search.mutation(), random);
      var child = lookAt(index);
      if (child.isPresent()) {
        return child;
      }
    }
    return Optional.empty();
  }

  /** The next valid configuration of a random order that nobody has looked at. */
  private Optional<Assessment> draw() {
    for (int i = 0; i < MOST_DRAWS && draws < space.size(); i++) {
      var found = lookAt(drawn.at(draws++));
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<Assessment> lookAt(long index) {
    if (!known.add(index)) {
      return Optional.empty();
    }
    var assessment = space.assess(index);
    assessed.add(assessment);
    return Optional.of(assessment).filter(Assessment::isOk);
  }
}
