package dev.expanse.jobs.report;

import static java.util.stream.Collectors.groupingBy;

import dev.expanse.jobs.sweep.SweepTable;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.descriptive.moment.StandardDeviation;
import org.apache.spark.sql.Row;

/**
 * A configuration of a sweep, its rows of all seeds taken together. What is unknown is NaN.
 *
 * @param name the network's
 * @param hocon the whole network
 * @param resolution side of the images in pixels
 * @param macs multiply-accumulates of one image
 * @param params parameters
 * @param activations outputs of convolutions
 * @param peakBytes peak memory of activations
 * @param accuracy what the evaluations found; nothing if there were none
 * @param latencies by the way in which they were measured, means over the seeds, and most noise
 * @param seconds that all of it took
 * @param status as in the table
 * @param error why it failed or was not trained, or empty; if some seeds were measured, which
 *     others failed, and why
 */
public record Configuration(
    String name,
    String hocon,
    int resolution,
    double macs,
    double params,
    double activations,
    double peakBytes,
    Optional<Accuracy> accuracy,
    Map<Timing, Timing.Latency> latencies,
    double seconds,
    String status,
    String error) {

  /**
   * Shares of the validation images that were recognised, 0 to 1.
   *
   * @param top1BySeed of trainings with different seeds
   * @param spread the standard deviation over several seeds, or else the standard error of the one
   * @param top5 mean over the seeds
   */
  public record Accuracy(Map<String, Double> top1BySeed, double spread, double top5) {
    private static Accuracy of(List<Cells> rows) {
      var top1 = new TreeMap<String, Double>();
      rows.forEach(row -> top1.put(row.text("seed"), row.number("top1")));
      var values = top1.values().stream().mapToDouble(Double::doubleValue).toArray();
      return new Accuracy(
          top1,
          values.length > 1
              ? new StandardDeviation().evaluate(values)
              : rows.get(0).number("top1_standard_error"),
          mean(rows, row -> row.number("top5")));
    }

    /** How many trainings there were. */
    public int seeds() {
      return top1BySeed.size();
    }

    /** Mean over the seeds. */
    public double top1() {
      return top1BySeed.values().stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
  }

  /** True if it was measured to the end. */
  public boolean isMeasured() {
    return SweepTable.OK.equals(status) && accuracy.isPresent();
  }

  /** Mean share of the validation images that were recognised, 0 to 1, or NaN. */
  public double top1() {
    return accuracy.map(Accuracy::top1).orElse(Double.NaN);
  }

  /**
   * By how much top-1 differs from a baseline's; empty for itself, for what was not measured, and
   * with less than two seeds in common.
   *
   * @param baseline one that was measured
   */
  public Optional<PairedDifference> differenceFrom(Configuration baseline) {
    return this == baseline || !isMeasured()
        ? Optional.empty()
        : PairedDifference.of(accuracy.orElseThrow(), baseline.accuracy().orElseThrow());
  }

  /** The median latency in milliseconds, or NaN. */
  public double p50(Timing timing) {
    var latency = latencies.get(timing);
    return latency == null ? Double.NaN : latency.p50();
  }

  /** The 90th percentile of the latency in milliseconds, or NaN. */
  public double p90(Timing timing) {
    var latency = latencies.get(timing);
    return latency == null ? Double.NaN : latency.p90();
  }

  /**
   * The configuration that rows of {@link SweepTable} measured, which differ by the seed, or by how
   * far they were trained; of those the furthest counts.
   *
   * @param timed its rows in the table of latencies
   */
  static Configuration of(List<Row> rows, List<Row> timed) {
    var last =
        rows.stream()
            .map(Cells::new)
            .collect(groupingBy(row -> row.text("seed"), TreeMap::new, Collectors.toList()))
            .values()
            .stream()
            .map(Configuration::furthest)
            .toList();
    var measured = last.stream().filter(Configuration::isOk).toList();
    var evaluated = last.stream().filter(row -> row.value("top1") != null).toList();
    var counted = measured.isEmpty() ? evaluated : measured;
    var shown = (counted.isEmpty() ? last : counted).get(0);
    return new Configuration(
        shown.text("network"),
        shown.text("network_hocon"),
        shown.whole("resolution"),
        shown.number("macs"),
        shown.number("params"),
        shown.number("activations"),
        shown.number("peak_activation_bytes"),
        counted.isEmpty() ? Optional.empty() : Optional.of(Accuracy.of(counted)),
        latencies(counted.isEmpty() ? last : counted, timed),
        rows.stream().mapToDouble(row -> new Cells(row).number("seconds")).sum(),
        shown.text("status"),
        measured.isEmpty() ? shown.text("error") : failures(last));
  }

  /** The seeds with which a training failed, each with its reason. */
  private static String failures(List<Cells> rows) {
    var failures =
        rows.stream()
            .filter(row -> SweepTable.FAILED.equals(row.text("status")))
            .map(row -> "seed " + row.text("seed") + ": " + row.text("error"))
            .collect(Collectors.joining("; "));
    return failures.isEmpty() ? "" : "failed with " + failures;
  }

  private static boolean isOk(Cells row) {
    return SweepTable.OK.equals(row.text("status")) && row.value("top1") != null;
  }

  private static Cells furthest(List<Cells> rows) {
    return rows.stream()
        .max(
            Comparator.comparing((Cells row) -> row.value("top1") != null)
                .thenComparing(Configuration::isOk)
                .thenComparingDouble(row -> row.number("images_seen"))
                .thenComparingLong(Cells::startedAt))
        .orElseThrow();
  }

  /**
   * Of each way of timing its own in quiet, or else the table's in quiet, or else disturbed ones.
   */
  private static Map<Timing, Timing.Latency> latencies(List<Cells> rows, List<Row> timed) {
    var own = rows.stream().flatMap(row -> Measured.ofSweep(row).stream()).toList();
    var others = timed.stream().flatMap(row -> Measured.ofTable(new Cells(row)).stream()).toList();
    var latencies = new TreeMap<Timing, Timing.Latency>();
    Stream.of(quiet(own), quiet(others), own, others)
        .forEach(
            some ->
                some.stream()
                    .collect(groupingBy(Measured::timing))
                    .forEach((timing, all) -> latencies.putIfAbsent(timing, mean(all))));
    return latencies;
  }

  private static List<Measured> quiet(List<Measured> all) {
    return all.stream().filter(one -> one.latency().noise() == 0).toList();
  }

  private static Timing.Latency mean(List<Measured> all) {
    return new Timing.Latency(
        mean(all, one -> one.latency().p50()),
        mean(all, one -> one.latency().p90()),
        all.stream().mapToDouble(one -> one.latency().noise()).max().orElse(0));
  }

  /** A latency as a row has it. */
  private record Measured(Timing timing, Timing.Latency latency) {
    static Optional<Measured> ofSweep(Cells row) {
      return of(row, "latency_");
    }

    static Optional<Measured> ofTable(Cells row) {
      return of(row, "");
    }

    private static Optional<Measured> of(Cells row, String prefix) {
      if (row.value(prefix + "p50_ms") == null) {
        return Optional.empty();
      }
      var processor = prefix + (row.value(prefix + "gpu") == null ? "cpu" : "gpu");
      boolean disturbed = Boolean.FALSE.equals(row.value(prefix + "quiet"));
      return Optional.of(
          new Measured(
              new Timing(
                  row.text("engine"),
                  row.whole(prefix + "batch"),
                  row.whole(prefix + "threads"),
                  row.text(processor)),
              new Timing.Latency(
                  row.number(prefix + "p50_ms"),
                  row.number(prefix + "p90_ms"),
                  disturbed ? row.number(prefix + "noise") : 0)));
    }
  }

  private static <T> double mean(List<T> values, ToDoubleFunction<T> number) {
    return values.stream().mapToDouble(number).average().orElse(Double.NaN);
  }
}
