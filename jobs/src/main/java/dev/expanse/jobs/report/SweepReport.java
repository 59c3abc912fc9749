package dev.expanse.jobs.report;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import dev.expanse.jobs.sweep.SweepTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;

/** The rows of a sweep as a table for the terminal. */
public final class SweepReport {
  /** Of more configurations only the Pareto fronts are shown, and of reasons so many. */
  private static final int MOST = 50;

  private static final String PAIRED =
      "\nvs %s (of %.2f million MACs): difference of top-1 in percentage points on these images, paired by"
          + " seed, ± half of its 95%% interval (Student's t);\n* where that excludes zero, as it does for"
          + " one of twenty networks without a difference; - for itself, what was not trained to the end,"
          + " or less than two seeds in common.";

  private static final String UNCOMPARED =
      "\nNothing is compared with %s, which was not trained to the end here.";

  private final List<Comparison> comparisons;
  private final Optional<String> baseline;

  /** A report on rows of {@link SweepTable}. */
  public SweepReport(List<Row> rows) {
    this(Comparison.of(rows), Optional.empty());
  }

  /**
   * A report on configurations that were measured.
   *
   * @param baseline name of the network that the others are compared with, if there is one
   */
  public SweepReport(List<Comparison> comparisons, Optional<String> baseline) {
    this.comparisons = List.copyOf(comparisons);
    this.baseline = baseline;
  }

  /**
   * A table for each group of rows that can be compared, with what is common to them below.
   *
   * @see Comparison
   */
  public String text() {
    return comparisons.stream().map(this::table).collect(Collectors.joining("\n"));
  }

  private String table(Comparison comparison) {
    var columns = new ArrayList<ColumnData<Configuration>>();
    columns.add(column("network", HorizontalAlign.LEFT, Configuration::name));
    columns.add(right("side", each -> String.valueOf(each.resolution())));
    columns.add(right("MACs (M)", each -> number(each.macs() / 1e6, 2)));
    columns.add(right("params (k)", each -> number(each.params() / 1e3, 0)));
    columns.add(right("act. (k)", each -> number(each.activations() / 1e3, 0)));
    columns.add(right("top-1 (%)", SweepReport::top1));
    var compared = baseline.flatMap(comparison::named);
    compared.ifPresent(
        other -> columns.add(right("vs " + other.name(), each -> difference(each, other))));
    columns.add(right("top-5 (%)", each -> percent(each, Configuration.Accuracy::top5)));
    var timings = comparison.timings();
    for (int i = 0; i < timings.size(); i++) {
      var timing = timings.get(i);
      var which = timings.size() == 1 ? "" : " [" + (i + 1) + "]";
      columns.add(right("p50 (ms)" + which, each -> number(each.p50(timing), 2)));
      if (i == 0) {
        columns.add(right("p90 (ms)" + which, each -> number(each.p90(timing), 2)));
      }
    }
    columns.add(right("seconds", each -> number(each.seconds(), 0)));
    return comparison.title()
        + "\n"
        + AsciiTable.getTable(AsciiTable.BASIC_ASCII, shown(comparison, compared), columns)
        + "\n"
        + notes(comparison, compared);
  }

  private static List<Configuration> shown(
      Comparison comparison, Optional<Configuration> baseline) {
    var all = comparison.configurations();
    if (all.size() <= MOST) {
      return all;
    }
    Predicate<Configuration> onFront = comparison.front(Configuration::macs).members()::contains;
    for (var timing : comparison.latencyTimings()) {
      onFront = onFront.or(comparison.front(each -> each.p50(timing)).members()::contains);
    }
    return all.stream().filter(onFront.or(each -> each == baseline.orElse(null))).toList();
  }

  private static ColumnData<Configuration> right(
      String header, Function<Configuration, String> value) {
    return column(header, HorizontalAlign.RIGHT, value);
  }

  private static ColumnData<Configuration> column(
      String header, HorizontalAlign align, Function<Configuration, String> value) {
    return new Column().header(header).headerAlign(align).dataAlign(align).with(value);
  }

  private static String top1(Configuration configuration) {
    var text =
        configuration
            .accuracy()
            .map(found -> number(100 * found.top1(), 1) + " ± " + number(100 * found.spread(), 1))
            .orElse(configuration.status());
    return configuration.accuracy().isPresent() && !configuration.isMeasured()
        ? "(" + text + ")"
        : text;
  }

  private static String percent(
      Configuration configuration, ToDoubleFunction<Configuration.Accuracy> share) {
    return number(100 * configuration.accuracy().map(share::applyAsDouble).orElse(Double.NaN), 1);
  }

  private static String number(double value, int digits) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** In percentage points, with half of its interval, and a star if that is on one side of zero. */
  private static String difference(Configuration one, Configuration baseline) {
    return one.differenceFrom(baseline)
        .map(
            paired ->
                String.format(
                    Locale.ROOT,
                    "%+.1f ± %.1f%s",
                    100 * paired.mean(),
                    100 * paired.margin(),
                    paired.excludesZero() ? "*" : " "))
        .orElse("-");
  }

  private String notes(Comparison comparison, Optional<Configuration> compared) {
    var notes =
        new StringBuilder(
            "MACs: multiply-accumulates of one image; act.: outputs of its convolutions.");
    comparison.rows().stream()
        .map(Cells::new)
        .filter(row -> row.value("top1") != null)
        .findFirst()
        .ifPresent(row -> notes.append(measuring(comparison, row)));
    compared.ifPresentOrElse(
        other -> notes.append(String.format(Locale.ROOT, PAIRED, other.name(), other.macs() / 1e6)),
        () -> baseline.ifPresent(name -> notes.append(UNCOMPARED.formatted(name))));
    if (comparison.measured().size() > 1) {
      notes.append(findings(comparison));
    }
    var all = comparison.configurations();
    if (all.size() > MOST) {
      notes.append("\nOf %,d configurations those on a front are shown.".formatted(all.size()));
    }
    notes.append(disturbed(comparison));
    notes.append(reasons(all, SweepTable.EXCEEDS, "exceeds: "));
    notes.append(reasons(all, SweepTable.FAILED, "failed: "));
    notes.append(reasons(all, SweepTable.OK, ""));
    return notes.append("\n").toString();
  }

  private static String disturbed(Comparison comparison) {
    var timings = comparison.timings();
    var parts = new ArrayList<String>();
    for (int i = 0; i < timings.size(); i++) {
      var timing = timings.get(i);
      var noises =
          comparison.configurations().stream()
              .flatMap(each -> Stream.ofNullable(each.latencies().get(timing)))
              .mapToDouble(Timing.Latency::noise)
              .toArray();
      long disturbed = DoubleStream.of(noises).filter(noise -> noise > 0).count();
      if (disturbed > 0) {
        double most = DoubleStream.of(noises).max().orElseThrow();
        parts.add(
            String.format(
                Locale.ROOT,
                "%s%,d of %,d (noise up to %.0f%%)",
                timings.size() == 1 ? "" : "[" + (i + 1) + "] ",
                disturbed,
                noises.length,
                100 * most));
      }
    }
    return parts.isEmpty()
        ? ""
        : "\nLatencies measured while the machine was not quiet: " + String.join(", ", parts) + ".";
  }

  /** Why some have no accuracy, or not of all seeds, each on a line. */
  private static String reasons(List<Configuration> all, String status, String verb) {
    var some =
        all.stream()
            .filter(each -> status.equals(each.status()) && !each.error().isEmpty())
            .toList();
    var reasons = new StringBuilder();
    some.stream()
        .limit(MOST)
        .forEach(each -> reasons.append("\n" + each.name() + " " + verb + each.error()));
    if (some.size() > MOST) {
      reasons.append("\nAnd %,d more of status %s.".formatted(some.size() - MOST, status));
    }
    return reasons.toString();
  }

  /** What stands behind top-1's ±. */
  private static String spread(Comparison comparison, Cells row) {
    var seeds =
        comparison.configurations().stream()
            .flatMap(each -> each.accuracy().stream())
            .mapToInt(Configuration.Accuracy::seeds)
            .summaryStatistics();
    var error = "its standard error over %.0f images".formatted(row.number("val_images"));
    return seeds.getMax() == 1
        ? "top-1 ± " + error
        : "top-1: mean ± standard deviation over up to %d seeds%s"
            .formatted(seeds.getMax(), seeds.getMin() == 1 ? " (of one: ± " + error + ")" : "");
  }

  private static String measuring(Comparison comparison, Cells row) {
    var text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                " %s; chance is %.1f%%.",
                spread(comparison, row),
                100 * row.number("chance")));
    if (comparison.configurations().stream()
        .anyMatch(each -> each.accuracy().isPresent() && !each.isMeasured())) {
      text.append(" In brackets: not trained to the end.");
    }
    var timings = comparison.timings();
    for (int i = 0; i < timings.size(); i++) {
      var timing = timings.get(i);
      text.append(i == 0 ? " Latency" : ";")
          .append(timings.size() == 1 ? "" : " [" + (i + 1) + "]")
          .append(
              " of batch %d on %d thread(s), engine %s"
                  .formatted(timing.batch(), timing.threads(), timing.engine()));
      var last = i + 1 == timings.size();
      if (last || !timing.processor().equals(timings.get(i + 1).processor())) {
        text.append(", ").append(timing.processor());
      }
    }
    return timings.isEmpty() ? text.toString() : text + ".";
  }

  /** The fronts, and whether computation predicts time. */
  private static String findings(Comparison comparison) {
    var text = new StringBuilder("\nPareto front of top-1 and MACs: ");
    text.append(names(comparison.front(Configuration::macs)));
    var timings = comparison.latencyTimings();
    for (var timing : timings) {
      text.append("\nPareto front of top-1 and p50 (" + timing.among(timings) + "): ");
      text.append(names(comparison.front(each -> each.p50(timing))));
      var macs = comparison.correlation(Configuration::macs, timing);
      var activations = comparison.correlation(Configuration::activations, timing);
      if (macs.isPresent() && activations.isPresent()) {
        text.append(
            String.format(
                Locale.ROOT,
                "\nRank correlation (Spearman) of p50 (%s): %.2f with MACs, %.2f with activations",
                timing.among(timings),
                macs.getAsDouble(),
                activations.getAsDouble()));
      }
    }
    return text.toString();
  }

  private static String names(ParetoFront<Configuration> front) {
    return front.members().stream().map(Configuration::name).collect(Collectors.joining(", "));
  }
}
