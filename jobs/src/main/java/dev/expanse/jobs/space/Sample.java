package dev.expanse.jobs.space;

import dev.expanse.core.config.InvalidInputException;
import java.util.function.LongUnaryOperator;

/**
 * The configurations that a search looks at, in an order of which any place can be computed by
 * itself, so that a sample is the same however it is divided among tasks.
 *
 * @param count how many are looked at
 * @param size how many there are; places from {@code count} on are those to go on with
 * @param order the configuration at a place
 */
public record Sample(long count, long size, LongUnaryOperator order) {
  /** The largest grid. */
  static final long MOST = 100_000_000;

  /**
   * The sample that a space's search asks for.
   *
   * @throws InvalidInputException if that is a grid of too many, or the strategy is evolution
   */
  static Sample of(SearchSpace space) {
    var search = space.search();
    long size = space.size();
    if (search instanceof Search.Random random) {
      var permutation = new Permutation(size, random.seed());
      return new Sample(Math.min(size, random.samples()), size, permutation::at);
    }
    if (search instanceof Search.Evolve) {
      throw space.wrong("search.strategy", "evolution", "grid or random, here");
    }
    if (size > MOST) {
      throw InvalidInputException.of(
          "%s: search.strategy = grid: expected at most %,d configurations, not %,d: list fewer"
              + " values, or draw some with strategy = random",
          space.source(), MOST, size);
    }
    return new Sample(size, size, LongUnaryOperator.identity());
  }

  /** The index of the configuration at a place, from 0. */
  public long at(long place) {
    return order.applyAsLong(place);
  }
}
