package dev.expanse.jobs.preflight;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** What the driver and the executors have said of themselves, a line each, in two tables. */
final class CensusTable {
  private final Census census;
  private final int threads;
  private final boolean data;

  /**
   * A table.
   *
   * @param threads of a task
   * @param data whether they were asked for the dataset
   */
  CensusTable(Census census, int threads, boolean data) {
    this.census = census;
    this.threads = threads;
    this.data = data;
  }

  String text() {
    var processes = new ArrayList<ProcessFacts>();
    if (census.executors().stream().noneMatch(one -> one.executor().equals(ProcessFacts.DRIVER))) {
      processes.add(census.driver());
    }
    processes.addAll(census.executors());
    return table(
            processes,
            List.of(
                left("process", ProcessFacts::executor),
                left("host", ProcessFacts::host),
                right("cores", one -> String.valueOf(one.cores())),
                right("tasks x threads", one -> one.tasks() + " x " + threads),
                right("heap (GB)", one -> gigabytes(one.memory().heap())),
                right("buffers (GB)", one -> gigabytes(one.memory().tracked())),
                right("in all (GB)", one -> gigabytes(one.memory().physical())),
                right("container (GB)", one -> gigabytes(one.memory().container())),
                left("processor", ProcessFacts::cpu),
                left("vectors", ProcessFacts::avx)))
        + "\n"
        + table(
            processes,
            List.of(
                left("process", ProcessFacts::executor),
                left("Java", one -> one.versions().java()),
                left("Expanse", one -> one.versions().expanse()),
                left("Spark", one -> one.versions().spark()),
                left("ND4J", one -> one.versions().nd4j()),
                right("clock (s)", this::clock),
                left("natives", one -> one.natives() == null ? "ok" : "missing"),
                left("dataset", this::dataset)));
  }

  private static String table(
      List<ProcessFacts> processes, List<ColumnData<ProcessFacts>> columns) {
    return AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, processes, columns);
  }

  private static ColumnData<ProcessFacts> left(
      String header, Function<ProcessFacts, String> value) {
    return new Column().header(header).dataAlign(HorizontalAlign.LEFT).with(value);
  }

  private static ColumnData<ProcessFacts> right(
      String header, Function<ProcessFacts, String> value) {
    return new Column().header(header).dataAlign(HorizontalAlign.RIGHT).with(value);
  }

  private static String gigabytes(long bytes) {
    return bytes == 0 ? "-" : String.format(Locale.ROOT, "%.1f", bytes / 1e9);
  }

  private String clock(ProcessFacts process) {
    long millis = census.clockMillis().getOrDefault(process.executor(), 0L);
    return millis == 0 ? "0" : String.format(Locale.ROOT, "%+.1f", millis / 1e3);
  }

  private String dataset(ProcessFacts process) {
    if (!data) {
      return "-";
    }
    return process.data() == null ? "ok" : "missing";
  }
}
