package dev.expanse.core.bench;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import dev.expanse.core.latency.Processor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * The figures of one run as a table for people and as JSON for programs. {@code floor} is the time
 * as a multiple of {@link SubjectKind#ONEDNN_FLOOR}'s, {@code PyTorch} the speed as a multiple of
 * {@link SubjectKind#PYTORCH}'s.
 */
record EngineReport(Workload workload, int rounds, EngineMeasurement.Figures figures) {

  /** A line: one subject at one task. */
  private record Row(Task task, SubjectKind subject, Percentiles ms) {}

  private List<Row> rows() {
    var rows = new ArrayList<Row>();
    for (var task : workload.tasks()) {
      figures.times().get(task).forEach((kind, ms) -> rows.add(new Row(task, kind, ms)));
    }
    return rows;
  }

  private double median(Task task, SubjectKind subject) {
    return figures.times().get(task).get(subject).median();
  }

  /** The table, medians in milliseconds, with a line above that says what was measured. */
  String table() {
    var columns =
        List.of(
            left("task", row -> row.task().what().toString()),
            right("batch", row -> String.valueOf(row.task().batch())),
            left("subject", row -> row.subject().toString()),
            right("p10 (ms)", row -> number("%,.1f", row.ms().p10())),
            right("median (ms)", row -> number("%,.1f", row.ms().median())),
            right("p90 (ms)", row -> number("%,.1f", row.ms().p90())),
            right(
                "images/s", row -> number("%,.1f", 1000 * row.task().batch() / row.ms().median())),
            right(
                "time / floor",
                row ->
                    number(
                        "%.2f", row.ms().median() / median(row.task(), SubjectKind.ONEDNN_FLOOR))),
            right(
                "speed / PyTorch",
                row -> number("%.2f", median(row.task(), SubjectKind.PYTORCH) / row.ms().median())),
            right("peak (MB)", this::peakMegabytes));
    return String.format(
            Locale.ROOT,
            "%s, %d x %d, %d classes, %d thread(s), %d rounds, %s%n",
            workload.networkName(),
            workload.side(),
            workload.side(),
            Workload.CLASSES,
            workload.threads(),
            rounds,
            Processor.name())
        + AsciiTable.getTable(rows(), columns);
  }

  private String peakMegabytes(Row row) {
    long kilobytes = figures.peakKilobytes().get(row.subject());
    return row.task().what() == Task.What.TRAIN && kilobytes > 0
        ? number("%,.0f", kilobytes * 1024 / 1e6)
        : "";
  }

  private static ColumnData<Row> left(String header, Function<Row, String> cell) {
    return new Column().header(header).dataAlign(HorizontalAlign.LEFT).with(cell);
  }

  private static ColumnData<Row> right(String header, Function<Row, String> cell) {
    return new Column().header(header).dataAlign(HorizontalAlign.RIGHT).with(cell);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  /** The figures as JSON, an object a line. */
  List<String> json() {
    return rows().stream().map(this::json).toList();
  }

  private String json(Row row) {
    return String.format(
        Locale.ROOT,
        "{\"subject\":\"%s\",\"network\":\"%s\",\"what\":\"%s\",\"side\":%d,\"batch\":%d,"
            + "\"threads\":%d,\"median_ms\":%.3f,\"p10_ms\":%.3f,\"p90_ms\":%.3f}",
        row.subject(),
        workload.networkName(),
        row.task().what(),
        workload.side(),
        row.task().batch(),
        workload.threads(),
        row.ms().median(),
        row.ms().p10(),
        row.ms().p90());
  }

  /** Adds the lines of JSON to a file, which is made if there is none. */
  void appendTo(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, json(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
