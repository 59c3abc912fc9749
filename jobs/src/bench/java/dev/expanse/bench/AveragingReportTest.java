package dev.expanse.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.bench.AveragingCosts.Copying;
import dev.expanse.bench.AveragingModel.Link;
import dev.expanse.bench.AveragingReport.Measured;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AveragingReportTest {
  private static final AveragingWorkload WORKLOAD = new AveragingWorkload("ecnn", 64, 8, 1, 50);
  private static final AveragingCosts COSTS =
      new AveragingCosts(
          1_000_000,
          new Copying(1e-9, 2e-9),
          new Copying(3e-9, 4e-9),
          new Copying(5e-9, 6e-9),
          7e-9,
          0.001);

  @Test
  @DisplayName("A row has medians of what is beside the steps of the slower worker")
  void row() {
    assertThat(row("ecnn .* expanse"))
        .isEqualTo(
            " ecnn 50 expanse 11.000 9.500 7.500 0.500 1.000 9.1 0.100 0.600 0.200 20.0 10.0 5.0 ");
  }

  @Test
  @DisplayName("The model has a row a master and number of workers, in the units of the table")
  void modelled() {
    var terms = report().model().terms(AveragingKind.DL4J, 16);
    assertThat(row(" dl4j 16 "))
        .startsWith(String.format(Locale.ROOT, " dl4j 16 7.500 %.3f ", terms.broadcast()))
        .endsWith(String.format(Locale.ROOT, " %.1f ", 100 * terms.overhead()));
  }

  @Test
  @DisplayName("The model is fed with whole rounds of both masters and the tiny graph's floors")
  void feed() {
    var model = report().model();
    assertThat(model.compute()).isEqualTo(7.5);
    assertThat(model.deviation()).isEqualTo(Math.sqrt(0.5), within(1e-9));
    assertThat(model.ownFloor()).isEqualTo(0.02, within(1e-9));
    assertThat(model.stockFloor()).isEqualTo(0.03, within(1e-9));
  }

  @Test
  @DisplayName("JSON has a line a round and a line a row of the model, in every locale")
  void json() {
    var before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(report().json())
          .hasSize(4 * 3 + 2 * 2)
          .contains(
              """
              {"master":"expanse","network":"ecnn","steps":50,"side":64,"batch":8,"threads":1,\
              "workers":2,"seconds":11.0000,"steps_seconds":9.5000,"steps_cpu_seconds":7.5000,"wait_seconds":0.5000,\
              "averaging_seconds":1.0000,"driver_seconds":0.1000,"stage_1_seconds":0.6000,\
              "stage_2_seconds":0.2000,"bytes_out":20000000,"bytes_across":10000000,\
              "bytes_back":5000000}""");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  @DisplayName("What a process tells of rounds and costs is read again as it was")
  void told() {
    var round = whole(11);
    assertThat(AveragedRound.parse(round.toString())).isEqualTo(round);
    assertThat(AveragingCosts.parse(COSTS.toString())).isEqualTo(COSTS);
  }

  private static String row(String pattern) {
    return report()
        .table()
        .lines()
        .map(line -> line.replaceAll("[| ]+", " "))
        .filter(line -> line.matches(".*" + pattern + ".*"))
        .findFirst()
        .orElseThrow();
  }

  private static AveragedRound whole(double seconds) {
    return new AveragedRound(seconds, 10, 9, 7, 8, seconds - 0.1, 10.6, 0.2, 20e6, 10e6, 5e6);
  }

  private static AveragedRound tiny(double seconds) {
    return new AveragedRound(seconds, 0.01, 0.01, 0, 0, seconds, seconds, 0, 0, 0, 0);
  }

  private static Measured measured(AveragingKind kind, String network, AveragedRound... rounds) {
    int steps = network.equals(AveragingWorkload.TINY) ? 1 : WORKLOAD.steps();
    return new Measured(kind, network, steps, Arrays.asList(rounds));
  }

  private static AveragingReport report() {
    var own = AveragingKind.EXPANSE;
    var stock = AveragingKind.DL4J;
    return new AveragingReport(
        WORKLOAD,
        COSTS,
        new Link(1.25e9, 2e-4),
        List.of(
            measured(own, AveragingWorkload.TINY, tiny(0.03), tiny(0.03), tiny(9)),
            measured(stock, AveragingWorkload.TINY, tiny(0.04), tiny(0.04), tiny(9)),
            measured(own, "ecnn", whole(10.9), whole(11), whole(17)),
            measured(stock, "ecnn", whole(12), whole(12.5), whole(13))),
        2,
        16);
  }
}
