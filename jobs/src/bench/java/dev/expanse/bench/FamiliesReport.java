package dev.expanse.bench;

import static dev.expanse.bench.EngineSubjectKind.EXPANSE;
import static dev.expanse.bench.EngineSubjectKind.ONEDNN_FLOOR;
import static dev.expanse.bench.Report.left;
import static dev.expanse.bench.Report.number;
import static dev.expanse.bench.Report.right;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import dev.expanse.bench.Measurement.Figures;
import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.latency.Processor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * The figures of one network or more of each family. {@code time / floor} is Expanse's time as a
 * multiple of {@link EngineSubjectKind#ONEDNN_FLOOR}'s.
 *
 * @param rows the networks, at least one
 * @param rounds how often each subject had its turn
 */
record FamiliesReport(List<Row> rows, int rounds) implements Report {
  private static final int SENTENCE_WIDTH = 40;

  /**
   * A network.
   *
   * @param workload what was measured
   * @param figures of Expanse and the floor, none if a process ended before its time
   * @param failure which one did
   */
  record Row(
      EngineWorkload workload, Optional<Figures<EngineSubjectKind>> figures, String failure) {

    /** A median in milliseconds, or why there is none. */
    private String milliseconds(Task task, EngineSubjectKind subject) {
      if (figures.isEmpty()) {
        return failure;
      }
      return figures
          .get()
          .refusal(task, subject)
          .orElseGet(() -> number("%,.1f", figures.get().median(task, subject).orElseThrow()));
    }

    private String ratio(Task task) {
      return figures
          .flatMap(all -> all.ratio(task, EXPANSE, ONEDNN_FLOOR))
          .map(ratio -> number("%.2f", ratio))
          .orElse("");
    }

    private String macs() {
      return number("%,.1f", Complexity.of(workload.network()).macs() / 1e6);
    }
  }

  /** Medians in milliseconds. */
  @Override
  public String table() {
    var workload = rows.get(0).workload();
    var columns = new ArrayList<ColumnData<Row>>();
    columns.add(left("network", row -> row.workload().networkName()));
    columns.add(right("MACs (M)", Row::macs));
    columns.addAll(columns("train", EngineWorkload::training));
    columns.addAll(columns("infer", EngineWorkload::inference));
    return String.format(
            Locale.ROOT,
            "%d x %d, batch %d, %d classes, %d thread(s), %d rounds, %s%n"
                + "-x and a number: the network with its channels multiplied by it%n",
            workload.side(),
            workload.side(),
            workload.batch(),
            EngineWorkload.CLASSES,
            workload.threads(),
            rounds,
            Processor.name())
        + AsciiTable.getTable(rows, columns);
  }

  private static List<ColumnData<Row>> columns(String what, Function<EngineWorkload, Task> task) {
    return List.of(
        new Column()
            .header(what + " (ms)")
            .dataAlign(HorizontalAlign.RIGHT)
            .maxWidth(SENTENCE_WIDTH)
            .with(row -> row.milliseconds(task.apply(row.workload()), EXPANSE)),
        right(
            "floor (ms)",
            row ->
                row.figures().isEmpty()
                    ? ""
                    : row.milliseconds(task.apply(row.workload()), ONEDNN_FLOOR)),
        right("time / floor", row -> row.ratio(task.apply(row.workload()))));
  }

  @Override
  public List<String> json() {
    return rows.stream()
        .flatMap(
            row ->
                row.figures().stream()
                    .map(all -> new EngineReport(row.workload(), rounds, all))
                    .flatMap(report -> report.json().stream()))
        .toList();
  }
}
