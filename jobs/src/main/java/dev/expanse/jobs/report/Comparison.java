package dev.expanse.jobs.report;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import dev.expanse.jobs.sweep.SweepTable;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;

/**
 * Configurations that can be compared: measured on one dataset, with one recipe, number of workers,
 * engine and way of measuring latency.
 *
 * @param rows their rows of {@link SweepTable}
 * @param configurations by their MACs
 */
public record Comparison(List<Row> rows, List<Configuration> configurations) {
  private static final List<String> COMMON =
      List.of(
          "dataset_fingerprint",
          "recipe_hocon",
          "workers",
          "engine",
          "latency_batch",
          "latency_threads");

  /** Those of rows, the oldest first. */
  public static List<Comparison> of(List<Row> rows) {
    return of(rows, List.of());
  }

  /**
   * Those of rows, the oldest first.
   *
   * @param timed rows of the table {@code latency}, with what else was measured of the networks
   */
  public static List<Comparison> of(List<Row> rows, List<Row> timed) {
    var latencies = timed.stream().collect(groupingBy(row -> new Cells(row).text("network_hash")));
    return rows.stream()
        .sorted(Comparator.comparingLong(row -> new Cells(row).startedAt()))
        .collect(groupingBy(Comparison::common, LinkedHashMap::new, toList()))
        .values()
        .stream()
        .map(
            group ->
                new Comparison(
                    group,
                    group.stream()
                        .collect(
                            groupingBy(
                                row -> new Cells(row).text("network_hash"),
                                LinkedHashMap::new,
                                toList()))
                        .entrySet()
                        .stream()
                        .map(
                            each ->
                                Configuration.of(
                                    each.getValue(),
                                    latencies.getOrDefault(each.getKey(), List.of())))
                        .sorted(Comparator.comparingDouble(Configuration::macs))
                        .toList()))
        .toList();
  }

  private static List<Object> common(Row row) {
    return COMMON.stream().map(column -> (Object) new Cells(row).text(column)).toList();
  }

  /** Dataset, recipe, seeds and workers, in a line. */
  public String title() {
    var first = new Cells(rows.get(0));
    var seeds =
        rows.stream()
            .map(row -> new Cells(row).text("seed"))
            .distinct()
            .sorted(Comparator.comparing(String::length).thenComparing(seed -> seed))
            .collect(Collectors.joining(", "));
    return "dataset %s, recipe %s, seed%s %s, %s workers"
        .formatted(
            first.text("dataset"),
            first.text("recipe"),
            seeds.contains(",") ? "s" : "",
            seeds,
            first.text("workers"));
  }

  /** Those that were measured to the end. */
  public List<Configuration> measured() {
    return configurations.stream().filter(Configuration::isMeasured).toList();
  }

  /** The one of a name that was measured to the end with most seeds, if there is any. */
  public Optional<Configuration> named(String name) {
    return measured().stream()
        .filter(each -> each.name().equals(name))
        .max(Comparator.comparingInt(each -> each.accuracy().orElseThrow().seeds()));
  }

  /** The ways in which latencies were measured, the smallest batch first. */
  public List<Timing> timings() {
    var timings = new TreeSet<Timing>();
    configurations.forEach(each -> timings.addAll(each.latencies().keySet()));
    return List.copyOf(timings);
  }

  /** The ways with the smallest batch: one an engine, unless threads differ. */
  public List<Timing> latencyTimings() {
    var all = timings();
    return all.stream().filter(timing -> timing.batch() == all.get(0).batch()).toList();
  }

  /** Those that no other beats in a cost and top-1. */
  public ParetoFront<Configuration> front(ToDoubleFunction<Configuration> cost) {
    return ParetoFront.of(measured(), cost, Configuration::top1);
  }

  /** Whether what is cheap on paper is fast: Spearman's rank correlation of a cost and latency. */
  public OptionalDouble correlation(ToDoubleFunction<Configuration> cost, Timing timing) {
    return RankCorrelation.spearman(configurations, cost, each -> each.p50(timing));
  }
}
