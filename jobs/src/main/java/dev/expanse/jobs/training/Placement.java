package dev.expanse.jobs.training;

import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/**
 * Where workers best run next: where they ran before, for there their networks and minibatches
 * wait, unless that is crowded. Executors come late, or in place of one that was lost; workers that
 * had to share another one meanwhile would keep to it, and leave the new one idle.
 */
final class Placement {
  private Placement() {}

  /**
   * Leaves each executor its share of the workers, those of the lowest numbers.
   *
   * @param before where each worker ran, as Spark's scheduler names executors
   * @param executors how many there are, at least 1
   * @return where each worker is to run; empty for anywhere
   */
  static List<Optional<String>> next(List<String> before, int executors) {
    int share = (before.size() + executors - 1) / executors;
    var workers = new HashMap<String, Integer>();
    return before.stream()
        .map(location -> workers.merge(location, 1, Integer::sum) <= share ? location : null)
        .map(Optional::ofNullable)
        .toList();
  }
}
