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
 * and the best of all survive. A generation is scored as a whole. No configuration is evaluated
 * twice, and none that cannot be built or exceeds a constraint. Seed and objective determine
 * everything, and a search with more generations begins with those of one with fewer.
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
  private int summarized;

  /** How good configurations are: a larger number is better. */
  @FunctionalInterface
  public interface Objective {
    /**
     * Evaluates a generation.
     *
     * @return a score for each candidate, in their order; empty for one that has failed or exceeds
     *     a constraint that has to be measured, which has no children
     */
    List<OptionalDouble> scores(Generation generation);
  }

  /**
   * What is evaluated at once.
   *
   * @param number from 1, which is the random sample
   * @param candidates at least one, none of which was evaluated before
   * @param lookedAt what was looked at to find them, themselves among it
   */
  public record Generation(int number, List<Candidate> candidates, Summary lookedAt) {}

  /**
   * A configuration to evaluate.
   *
   * @param index its place in the space
   * @param spec the network
   * @param totals what it costs on paper
   */
  public record Candidate(long index, NetworkSpec spec, Complexity.Totals totals) {}

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
   * @throws IllegalArgumentException if the objective says that a score is not a number, or has
   *     another number of scores than there are candidates
   */
  public static Outcome run(SearchSpace space, Search.Evolve search, Objective objective) {
    return new Evolution(space, search, objective).run();
  }

  private Outcome run() {
    var population = survivors(List.of(), 1, firstGeneration());
    for (int following = 1; following <= search.generations() && !isUsedUp(); following++) {
      population = survivors(population, 1 + following, children(population));
    }
    return new Outcome(population, List.copyOf(evaluated), Summary.of(assessed));
  }

  private boolean isUsedUp() {
    return known.size() == space.size();
  }

  private List<Assessment> firstGeneration() {
    var generation = new ArrayList<Assessment>();
    var next = draw();
    while (next.isPresent()) { // where none was found, looking on takes long and finds little
      generation.add(next.get());
      next = generation.size() < search.population() ? draw() : Optional.empty();
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
  private List<Scored> survivors(List<Scored> parents, int number, List<Assessment> found) {
    var lookedAt = assessed.subList(summarized, assessed.size());
    var scored = found.isEmpty() ? List.<Scored>of() : scored(number, found, Summary.of(lookedAt));
    summarized = assessed.size();
    evaluated.addAll(scored);
    return Stream.concat(parents.stream(), scored.stream())
        .sorted(BEST_FIRST)
        .limit(search.population())
        .toList();
  }

  private List<Scored> scored(int number, List<Assessment> found, Summary lookedAt) {
    var candidates =
        found.stream()
            .map(one -> new Candidate(one.index(), space.spec(one.index()), one.totals()))
            .toList();
    var scores = objective.scores(new Generation(number, candidates, lookedAt));
    if (scores.size() != candidates.size()) {
      throw new IllegalArgumentException(
          "Cannot rank %d candidates by %d scores".formatted(candidates.size(), scores.size()));
    }
    var scored = new ArrayList<Scored>();
    for (int i = 0; i < candidates.size(); i++) {
      var candidate = candidates.get(i);
      var score = scores.get(i);
      if (score.isPresent() && Double.isNaN(score.getAsDouble())) {
        throw new IllegalArgumentException("Cannot rank " + candidate.spec().name() + " by NaN");
      }
      score.ifPresent(value -> scored.add(new Scored(candidate.index(), value)));
    }
    return scored;
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
