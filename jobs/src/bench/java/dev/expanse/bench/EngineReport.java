package dev.expanse.bench;

import static dev.expanse.bench.Report.left;
import static dev.expanse.bench.Report.number;
import static dev.expanse.bench.Report.right;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.ColumnData;
import dev.expanse.bench.Measurement.Figures;
import dev.expanse.bench.Measurement.Row;
import dev.expanse.core.latency.Processor;
import java.util.List;
import java.util.Locale;

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
                row ->
                    number(
                        "%.2f",
                        row.ms().median()
                            / figures.median(row.task(), EngineSubjectKind.ONEDNN_FLOOR))),
            right(
                "speed / PyTorch",
                row ->
                    number(
                        "%.2f",
                        figures.median(row.task(), EngineSubjectKind.PYTORCH) / row.ms().median())),
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
        + AsciiTable.getTable(figures.rows(workload.tasks()), columns);
  }

  private String peakMegabytes(Row<EngineSubjectKind> row) {
    long kilobytes = figures.peakKilobytes().get(row.subject());
    return row.task().what() == Task.What.TRAIN && kilobytes > 0
        ? number("%,.0f", kilobytes * 1024 / 1e6)
        : "";
  }

  @Override
  public List<String> json() {
    return figures.rows(workload.tasks()).stream().map(this::json).toList();
  }

  private String json(Row<EngineSubjectKind> row) {
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
}
