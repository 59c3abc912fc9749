package dev.expanse.jobs.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What is not beaten: of each member nobody else is cheaper without being worse, or better without
 * being dearer. Of equals all are members; what has no number for cost or value is none.
 *
 * @param members from the cheapest and worst to the dearest and best
 */
public record ParetoFront<T>(List<T> members) {
  /** A front; the list is copied. */
  public ParetoFront {
    members = List.copyOf(members);
  }

  /**
   * The front of candidates.
   *
   * @param cost the less the better
   * @param value the more the better
   */
  public static <T> ParetoFront<T> of(
      Collection<T> candidates, ToDoubleFunction<T> cost, ToDoubleFunction<T> value) {
    var sorted =
        candidates.stream()
            .filter(each -> !Double.isNaN(cost.applyAsDouble(each)))
            .filter(each -> !Double.isNaN(value.applyAsDouble(each)))
            .sorted(
                Comparator.comparingDouble(cost)
                    .thenComparing(Comparator.comparingDouble(value).reversed()))
            .toList();
    var members = new ArrayList<T>();
    double bestCost = Double.NaN;
    double bestValue = Double.NEGATIVE_INFINITY;
    for (var each : sorted) {
      double itsCost = cost.applyAsDouble(each);
      double itsValue = value.applyAsDouble(each);
      boolean equal = itsCost == bestCost && itsValue == bestValue;
      if (members.isEmpty() || itsValue > bestValue || equal) {
        members.add(each);
        bestCost = itsCost;
        bestValue = itsValue;
      }
    }
    return new ParetoFront<>(members);
  }
}
