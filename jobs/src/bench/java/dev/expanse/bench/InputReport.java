package dev.expanse.bench;

import static dev.expanse.bench.InputSubjectKind.IMAGEIO;
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
 * The figures of one run. Times are those of a pass over all photographs; {@code speed / imageio}
 * is the speed as a multiple of {@link InputSubjectKind#IMAGEIO}'s.
 *
 * @param photographs what they are, in a word or two
 */
record InputReport(
    InputWorkload workload, String photographs, int rounds, Figures<InputSubjectKind> figures)
    implements Report {

  /** Images a second of one thread, by the percentiles of its passes. */
  @Override
  public String table() {
    var columns =
        List.<ColumnData<Row<InputSubjectKind>>>of(
            left("task", row -> row.task().what().toString()),
            left("subject", row -> row.subject().toString()),
            right("p10 (ms)", row -> number("%,.2f", anImage(row, row.ms().p10()))),
            right("median (ms)", row -> number("%,.2f", anImage(row, row.ms().median()))),
            right("p90 (ms)", row -> number("%,.2f", anImage(row, row.ms().p90()))),
            right("images/s/core", row -> number("%,.0f", row.imagesPerSecond())),
            right(
                "speed / imageio",
                row ->
                    figures
                        .ratio(row.task(), IMAGEIO, row.subject())
                        .map(speed -> number("%.2f", speed))
                        .orElse("")));
    return String.format(
            Locale.ROOT,
            "%d photographs (%s), views of %d x %d, %d thread(s), %d rounds, %s%n",
            workload.photographs(),
            photographs,
            workload.side(),
            workload.side(),
            workload.threads(),
            rounds,
            Processor.name())
        + AsciiTable.getTable(figures.rows(workload.tasks()), columns);
  }

  private static double anImage(Row<InputSubjectKind> row, double ms) {
    return ms / row.task().batch();
  }

  @Override
  public List<String> json() {
    return figures.rows(workload.tasks()).stream().map(this::json).toList();
  }

  private String json(Row<InputSubjectKind> row) {
    return String.format(
        Locale.ROOT,
        "{\"subject\":\"%s\",\"photographs\":\"%s\",\"what\":\"%s\",\"side\":%d,\"batch\":%d,"
            + "\"threads\":%d,\"median_ms\":%.3f,\"p10_ms\":%.3f,\"p90_ms\":%.3f,"
            + "\"images_per_s_per_core\":%.1f}",
        row.subject(),
        photographs,
        row.task().what(),
        workload.side(),
        row.task().batch(),
        workload.threads(),
        row.ms().median(),
        row.ms().p10(),
        row.ms().p90(),
        row.imagesPerSecond());
  }
}
