package dev.expanse.bench;

import static dev.expanse.bench.AveragedRound.deviation;
import static dev.expanse.bench.AveragedRound.median;
import static dev.expanse.bench.Report.left;
import static dev.expanse.bench.Report.number;
import static dev.expanse.bench.Report.right;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.ColumnData;
import dev.expanse.bench.AveragingModel.Link;
import dev.expanse.bench.AveragingModel.Terms;
import dev.expanse.core.latency.Processor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Rounds as they were measured on two workers, and as they are modelled on more.
 *
 * @param link assumed
 * @param measured with every kind at least the tiny graph, and last the whole round
 * @param workers of the model
 */
record AveragingReport(
    AveragingWorkload workload,
    AveragingCosts costs,
    Link link,
    List<Measured> measured,
    int... workers)
    implements Report {

  /** The rounds of one master. */
  record Measured(AveragingKind kind, String network, int steps, List<AveragedRound> rounds) {
    double of(ToDoubleFunction<AveragedRound> figure) {
      return median(rounds, figure);
    }
  }

  private record Modelled(AveragingKind kind, int workers, Terms terms) {}

  @Override
  public String table() {
    return measuredTable() + System.lineSeparator() + modelledTable();
  }

  private String measuredTable() {
    var columns =
        List.<ColumnData<Measured>>of(
            left("network", Measured::network),
            right("steps", row -> String.valueOf(row.steps())),
            left("master", row -> row.kind().toString()),
            right("round (s)", row -> seconds(row.of(AveragedRound::seconds))),
            right("steps (s)", row -> seconds(row.of(AveragedRound::steps))),
            right("CPU (s)", row -> seconds(row.of(AveragedRound::cpu))),
            right("wait (s)", row -> seconds(row.of(AveragedRound::waiting))),
            right("averaging (s)", row -> seconds(row.of(AveragedRound::averaging))),
            right("share (%)", row -> number("%.1f", 100 * row.of(AveragedRound::share))),
            right("driver (s)", row -> seconds(row.of(round -> round.seconds() - round.jobs()))),
            right(
                "stage 1 (s)",
                row -> seconds(row.of(round -> round.firstStage() - round.slowSteps()))),
            right("stage 2 (s)", row -> seconds(row.of(AveragedRound::laterStages))),
            right("MB out", row -> megabytes(row.of(AveragedRound::bytesOut))),
            right("across", row -> megabytes(row.of(AveragedRound::bytesAcross))),
            right("back", row -> megabytes(row.of(AveragedRound::bytesBack))));
    return String.format(
            Locale.ROOT,
            "Measured: %d worker processes, batch %d, %d x %d, %d thread(s) each, %s%n",
            AveragingWorkload.WORKERS,
            workload.batch(),
            workload.side(),
            workload.side(),
            workload.threads(),
            Processor.name())
        + AsciiTable.getTable(measured, columns);
  }

  private String modelledTable() {
    var columns =
        List.<ColumnData<Modelled>>of(
            left("master", row -> row.kind().toString()),
            right("workers", row -> String.valueOf(row.workers())),
            right("compute (s)", row -> seconds(row.terms().compute())),
            right("broadcast", row -> seconds(row.terms().broadcast())),
            right("combine", row -> seconds(row.terms().combine())),
            right("collect", row -> seconds(row.terms().collect())),
            right("scheduling", row -> seconds(row.terms().scheduling())),
            right("averaging (%)", row -> number("%.1f", 100 * row.terms().share())),
            right("stragglers", row -> seconds(row.terms().stragglers())),
            right("overhead (%)", row -> number("%.1f", 100 * row.terms().overhead())));
    return String.format(
            Locale.ROOT,
            "Modelled: rounds of %d steps of %s, %.1f MB of values, links of %.3g Gbit/s and %.3g ms%n",
            workload.steps(),
            workload.network(),
            costs.bytes() / 1e6,
            link.bytesPerSecond() * 8 / 1e9,
            link.latency() * 1e3)
        + AsciiTable.getTable(modelled(), columns)
        + String.format(
            Locale.ROOT,
            "%nFed with: MB/s written and read as floats %.0f, %.0f, slices %.0f, %.0f, arrays %.0f,"
                + " %.0f; summed %.0f MB/s; %.2f ms a task; workers of a round deviate by %.1f%% in"
                + " CPU time (by %.1f%% on the clock, which the model leaves out).",
            rate(costs.floats().write()),
            rate(costs.floats().read()),
            rate(costs.slices().write()),
            rate(costs.slices().read()),
            rate(costs.arrays().write()),
            rate(costs.arrays().read()),
            rate(costs.sum()),
            costs.task() * 1e3,
            100 * model().deviation() / model().compute(),
            100 * clockDeviation());
  }

  /**
   * Fed with what was measured, in CPU time, which others on the machine lengthen less than the
   * clock's; of what only the clock tells, the floor, with the least disturbed tenth of rounds.
   */
  AveragingModel model() {
    var rounds = whole();
    return new AveragingModel(
        costs,
        link,
        median(rounds, AveragedRound::cpu),
        deviation(rounds, round -> round.firstCpu() - round.secondCpu()),
        floor(AveragingKind.EXPANSE),
        floor(AveragingKind.DL4J));
  }

  /** The workers take the same steps with either master. */
  private List<AveragedRound> whole() {
    return measured.stream().filter(this::whole).flatMap(row -> row.rounds().stream()).toList();
  }

  private double clockDeviation() {
    var rounds = whole();
    return deviation(rounds, round -> round.slowSteps() - round.fastSteps())
        / median(rounds, AveragedRound::steps);
  }

  private boolean whole(Measured row) {
    return row.network().equals(workload.network()) && row.steps() == workload.steps();
  }

  private double floor(AveragingKind kind) {
    return measured.stream()
        .filter(row -> row.kind() == kind && row.network().equals(AveragingWorkload.TINY))
        .findFirst()
        .map(row -> row.rounds().stream().map(AveragedRound::averaging).toList())
        .map(seconds -> Percentiles.of(seconds).p10())
        .orElseThrow();
  }

  private List<Modelled> modelled() {
    var model = model();
    return Arrays.stream(AveragingKind.values())
        .flatMap(
            kind ->
                Arrays.stream(workers)
                    .mapToObj(count -> new Modelled(kind, count, model.terms(kind, count))))
        .toList();
  }

  private static String seconds(double seconds) {
    return number("%.3f", seconds);
  }

  private static String megabytes(double bytes) {
    return number("%.1f", bytes / 1e6);
  }

  private static double rate(double secondsPerByte) {
    return 1e-6 / secondsPerByte;
  }

  /** Rounds first, each a line, then the model's. */
  @Override
  public List<String> json() {
    var lines = new ArrayList<String>();
    for (var row : measured) {
      row.rounds().forEach(round -> lines.add(json(row, round)));
    }
    modelled().forEach(row -> lines.add(json(row)));
    return lines;
  }

  private String json(Measured row, AveragedRound round) {
    return String.format(
        Locale.ROOT,
        "{\"master\":\"%s\",\"network\":\"%s\",\"steps\":%d,\"side\":%d,\"batch\":%d,"
            + "\"threads\":%d,\"workers\":%d,\"seconds\":%.4f,\"steps_seconds\":%.4f,"
            + "\"steps_cpu_seconds\":%.4f,\"wait_seconds\":%.4f,\"averaging_seconds\":%.4f,\"driver_seconds\":%.4f,"
            + "\"stage_1_seconds\":%.4f,\"stage_2_seconds\":%.4f,\"bytes_out\":%.0f,"
            + "\"bytes_across\":%.0f,\"bytes_back\":%.0f}",
        row.kind(),
        row.network(),
        row.steps(),
        workload.side(),
        workload.batch(),
        workload.threads(),
        AveragingWorkload.WORKERS,
        round.seconds(),
        round.steps(),
        round.cpu(),
        round.waiting(),
        round.averaging(),
        round.seconds() - round.jobs(),
        round.firstStage() - round.slowSteps(),
        round.laterStages(),
        round.bytesOut(),
        round.bytesAcross(),
        round.bytesBack());
  }

  private String json(Modelled row) {
    var terms = row.terms();
    return String.format(
        Locale.ROOT,
        "{\"master\":\"%s\",\"network\":\"%s\",\"steps\":%d,\"modelled_workers\":%d,"
            + "\"gbit\":%.3f,\"latency_ms\":%.3f,\"compute_seconds\":%.4f,"
            + "\"broadcast_seconds\":%.4f,\"combine_seconds\":%.4f,\"collect_seconds\":%.4f,"
            + "\"scheduling_seconds\":%.4f,\"stragglers_seconds\":%.4f,\"overhead\":%.4f}",
        row.kind(),
        workload.network(),
        workload.steps(),
        row.workers(),
        link.bytesPerSecond() * 8 / 1e9,
        link.latency() * 1e3,
        terms.compute(),
        terms.broadcast(),
        terms.combine(),
        terms.collect(),
        terms.scheduling(),
        terms.stragglers(),
        terms.overhead());
  }
}
