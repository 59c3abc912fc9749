package dev.expanse.bench;

import static dev.expanse.bench.Report.left;
import static dev.expanse.bench.Report.number;
import static dev.expanse.bench.Report.right;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.ColumnData;
import dev.expanse.bench.Measurement.Figures;
import dev.expanse.bench.Measurement.Row;
import dev.expanse.core.latency.Processor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The figures of one run as a table for people and as JSON for programs. {@code floor} is the time
 * as a multiple of {@link EngineSubjectKind#ONEDNN_FLOOR}'s, {@code PyTorch} the speed as a
 * multiple of {@link EngineSubjectKind#PYTORCH}'s.
 */
record EngineReport(EngineWorkload workload, int rounds, Figures<EngineSubjectKind> figures)
    implements Report {

  /** Medians in milliseconds. */
  @Override
  public String table() {
    var columns =
        List.<ColumnData<Row<EngineSubjectKind>>>of(
            left("task", row -> row.task().what().toString()),
            right("batch", row -> String.valueOf(row.task().batch())),
            left("subject", row -> row.subject().toString()),
            right("p10 (ms)", row -> number("%,.1f", row.ms().p10())),
            right("median (ms)", row -> number("%,.1f", row.ms().median())),
            right("p90 (ms)", row -> number("%,.1f", row.ms().p90())),
            right("images/s", row -> number("%,.1f", row.imagesPerSecond())),
            right(
                "time / floor",
                row -> multiple(row.task(), row.subject(), EngineSubjectKind.ONEDNN_FLOOR)),
            right(
                "speed / PyTorch",
                row -> multiple(row.task(), EngineSubjectKind.PYTORCH, row.subject())),
            right("peak (MB)", this::peakMegabytes));
    return String.format(
            Locale.ROOT,
            "%s, %d x %d, %d classes, %d thread(s), %d rounds, %s%n",
            workload.networkName(),
            workload.side(),
            workload.side(),
            EngineWorkload.CLASSES,
            workload.threads(),
            rounds,
            Processor.name())
        + AsciiTable.getTable(figures.rows(workload.tasks()), columns)
        + refusals();
  }

  private String multiple(Task task, EngineSubjectKind subject, EngineSubjectKind other) {
    return figures.ratio(task, subject, other).map(ratio -> number("%.2f", ratio)).orElse("");
  }

  private String refusals() {
    return workload.tasks().stream()
        .flatMap(
            task ->
                workload.subjects().stream()
                    .flatMap(
                        subject ->
                            figures.refusal(task, subject).stream()
                                .map(
                                    why ->
                                        String.format("%n%s does not %s: %s", subject, task, why))))
        .collect(Collectors.joining());
  }

  private String peakMegabytes(Row<EngineSubjectKind> row) {
    long kilobytes = figures.peakKilobytes().get(row.subject());
    return row.task().what() == Task.What.TRAIN && kilobytes > 0
        ? number("%,.0f", kilobytes * 1024 / 1e6)
        : "";
  }

  @Override
  public List<String> json() {
    var lines = new ArrayList<>(figures.rows(workload.tasks()).stream().map(this::json).toList());
    for (var task : workload.tasks()) {
      for (var subject : workload.subjects()) {
        figures.refusal(task, subject).map(why -> json(task, subject, why)).ifPresent(lines::add);
      }
    }
    return lines;
  }

  private String json(Row<EngineSubjectKind> row) {
    return String.format(
        Locale.ROOT,
        "{%s,\"median_ms\":%.3f,\"p10_ms\":%.3f,\"p90_ms\":%.3f}",
        circumstances(row.task(), row.subject()),
        row.ms().median(),
        row.ms().p10(),
        row.ms().p90());
  }

  private String json(Task task, EngineSubjectKind subject, String refusal) {
    var escaped = refusal.replace("\\", "\\\\").replace("\"", "\\\"");
    return "{%s,\"refused\":\"%s\"}".formatted(circumstances(task, subject), escaped);
  }

  private String circumstances(Task task, EngineSubjectKind subject) {
    return String.format(
        Locale.ROOT,
        "\"subject\":\"%s\",\"network\":\"%s\",\"what\":\"%s\",\"side\":%d,\"batch\":%d,"
            + "\"threads\":%d",
        subject,
        workload.networkName(),
        task.what(),
        workload.side(),
        task.batch(),
        workload.threads());
  }
}
