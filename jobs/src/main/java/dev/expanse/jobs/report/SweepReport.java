package dev.expanse.jobs.report;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import dev.expanse.jobs.sweep.SweepTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;

/** The rows of a sweep as a table for the terminal. */
public final class SweepReport {
  private static final List<String> COMMON =
      List.of(
          "dataset_fingerprint",
          "recipe_hocon",
          "seed",
          "workers",
          "engine",
          "latency_batch",
          "latency_threads");

  private final List<Row> rows;

  /** A report on rows of {@link SweepTable}. */
  public SweepReport(List<Row> rows) {
    this.rows = List.copyOf(rows);
  }

  /**
   * A table for each group of rows that can be compared (measured on one dataset, with one recipe,
   * seed, number of workers and way of measuring latency), with what is common to them below.
   */
  public String text() {
    var groups =
        rows.stream().collect(groupingBy(SweepReport::common, LinkedHashMap::new, toList()));
    return groups.values().stream().map(SweepReport::table).collect(Collectors.joining("\n"));
  }

  private static List<Object> common(Row row) {
    return COMMON.stream().<Object>map(row::getAs).toList();
  }

  private static String table(List<Row> rows) {
    var columns =
        List.of(
            left("network", row -> row.getAs("network")),
            right("side", row -> String.valueOf(row.<Integer>getAs("resolution"))),
            right("MACs (M)", row -> number(row, "macs", 1e-6, 2)),
            right("params (k)", row -> number(row, "params", 1e-3, 0)),
            right("top-1 (%)", SweepReport::top1),
            right("top-5 (%)", row -> number(row, "top5", 100, 1)),
            right("p50 (ms)", row -> number(row, "latency_p50_ms", 1, 2)),
            right("p90 (ms)", row -> number(row, "latency_p90_ms", 1, 2)),
            right("seconds", row -> number(row, "seconds", 1, 0)));
    var row = rows.get(0);
    var title =
        String.format(
            "dataset %s, recipe %s, seed %d, %d workers",
            row.getAs("dataset"), row.getAs("recipe"), row.getAs("seed"), row.getAs("workers"));
    return title
        + "\n"
        + AsciiTable.getTable(AsciiTable.BASIC_ASCII, rows, columns)
        + "\n"
        + notes(rows);
  }

  private static Column column(String header, HorizontalAlign align, Function<Row, String> value) {
    return new Column().header(header).headerAlign(align).dataAlign(align);
  }

  private static com.github.freva.asciitable.ColumnData<Row> left(
      String header, Function<Row, String> value) {
    return column(header, HorizontalAlign.LEFT, value).with(value);
  }

  private static com.github.freva.asciitable.ColumnData<Row> right(
      String header, Function<Row, String> value) {
    return column(header, HorizontalAlign.RIGHT, value).with(value);
  }

  private static String top1(Row row) {
    return row.getAs("top1") == null
        ? row.<String>getAs("status")
        : number(row, "top1", 100, 1) + " ± " + number(row, "top1_standard_error", 100, 1);
  }

  private static String number(Row row, String column, double scale, int digits) {
    Number value = row.getAs(column);
    return value == null
        ? "-"
        : String.format(Locale.ROOT, "%." + digits + "f", value.doubleValue() * scale);
  }

  private static String notes(List<Row> rows) {
    var notes = new StringBuilder("MACs: multiply-accumulates of one image. ");
    rows.stream()
        .filter(row -> SweepTable.OK.equals(row.getAs("status")))
        .findFirst()
        .ifPresent(
            row ->
                notes.append(
                    String.format(
                        Locale.ROOT,
                        "top-1 ± its standard error over %d images; chance is %.1f%%. Latency of"
                            + " batch %d on %d thread(s), engine %s, %s.",
                        row.<Long>getAs("val_images"),
                        100 * row.<Double>getAs("chance"),
                        row.<Integer>getAs("latency_batch"),
                        row.<Integer>getAs("latency_threads"),
                        row.<String>getAs("engine"),
                        row.<String>getAs("latency_cpu"))));
    for (var row : rows) {
      if (SweepTable.FAILED.equals(row.getAs("status"))) {
        notes.append("\n").append(row.<String>getAs("network")).append(" failed: ");
        notes.append(row.<String>getAs("error"));
      }
    }
    return notes.append("\n").toString();
  }
}
