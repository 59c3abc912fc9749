package dev.expanse.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.jobs.sweep.SweepTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  @Test
  @DisplayName("Seeds of a configuration become its mean and standard deviation")
  void seeds() {
    var rows =
        List.of(
            SweepRows.of("a", 1, 0.20, 1.0, "seed", 1L),
            SweepRows.of("a", 1, 0.24, 3.0, "seed", 2L),
            SweepRows.of("a", 1, 0.28, 2.0, "seed", 10L));

    var comparison = Comparison.of(rows).get(0);

    assertThat(comparison.title())
        .isEqualTo("dataset sample, recipe quick, seeds 1, 2, 10, 2 workers");
    assertThat(comparison.configurations()).hasSize(1);
    var accuracy = comparison.configurations().get(0).accuracy().orElseThrow();
    assertThat(accuracy.seeds()).isEqualTo(3);
    assertThat(accuracy.top1()).isCloseTo(0.24, within(1e-12));
    assertThat(accuracy.spread()).isCloseTo(0.04, within(1e-12)); // sqrt((0.04^2 + 0.04^2) / 2)
    assertThat(comparison.configurations().get(0).p50(new Timing("onednn", 1, 1, "a CPU")))
        .isEqualTo(2);
    assertThat(new SweepReport(rows).text())
        .contains("24.0 ± 4.0")
        .contains(" top-1: mean ± standard deviation over up to 3 seeds; chance is 1.9%.");
    var another = new ArrayList<Row>(rows);
    another.add(SweepRows.of("b", 2, 0.20, 1.0));
    assertThat(new SweepReport(another).text())
        .contains("over up to 3 seeds (of one: ± its standard error over 788 images); chance");
  }

  @Test
  @DisplayName("A difference from the baseline is paired by seed, and has Student's interval")
  void baseline() {
    var rows =
        new ArrayList<Row>(
            List.of(
                SweepRows.of("base", 4, 0.20, 1, "seed", 1L),
                SweepRows.of("base", 4, 0.30, 1, "seed", 2L),
                SweepRows.of("base", 4, 0.40, 1, "seed", 3L),
                SweepRows.of("better", 3, 0.45, 1, "seed", 3L),
                SweepRows.of("better", 3, 0.22, 1, "seed", 1L),
                SweepRows.of("better", 3, 0.35, 1, "seed", 2L),
                SweepRows.of("unsure", 2, 0.29, 1, "seed", 1L),
                SweepRows.of("unsure", 2, 0.31, 1, "seed", 2L),
                SweepRows.of("unsure", 2, 0.99, 1, "seed", 7L),
                SweepRows.of("once", 1, 0.29, 1, "seed", 1L),
                SweepRows.failed("broken", "no memory")));

    var comparison = Comparison.of(rows).get(0);
    var text = new SweepReport(List.of(comparison), Optional.of("base")).text();

    // 2, 5 and 5 points: 4 on average, standard deviation sqrt(3), and t of two degrees 4.302653
    var better = difference(comparison, "better", "base").orElseThrow();
    assertThat(better.seeds()).isEqualTo(3);
    assertThat(better.mean()).isCloseTo(0.04, within(1e-12));
    assertThat(better.margin()).isCloseTo(0.04302653, within(1e-8));
    assertThat(better.excludesZero()).isFalse();
    // 9 and 1 point: 5, sqrt(32), and t of one degree 12.706205; 99% has no pair
    var unsure = difference(comparison, "unsure", "base").orElseThrow();
    assertThat(unsure.seeds()).isEqualTo(2);
    assertThat(unsure.margin()).isCloseTo(0.12706205 * 4, within(1e-7));
    assertThat(difference(comparison, "once", "base")).isEmpty();
    assertThat(text)
        .contains("|      vs base |", "|  +4.0 ± 4.3  |", "| +5.0 ± 50.8  |")
        .contains("\nvs base (of 0.00 million MACs): difference of top-1 in percentage points");
    rows.set(4, SweepRows.of("better", 3, 0.23, 1, "seed", 1L)); // 3, 5, 5
    assertThat(new SweepReport(Comparison.of(rows), Optional.of("base")).text())
        .contains("|  +4.3 ± 2.9* |");
    assertThat(new SweepReport(rows).text()).doesNotContain("vs base");
    assertThat(new SweepReport(List.of(comparison), Optional.of("broken")).text())
        .contains("\nNothing is compared with broken, which was not trained to the end here.");
  }

  @Test
  @DisplayName("Differences that are all the same have no interval, and no star")
  void sameDifferences() {
    var rows =
        List.of(
            SweepRows.of("base", 2, 0.25, 1, "seed", 1L),
            SweepRows.of("base", 2, 0.27, 1, "seed", 2L),
            SweepRows.of("better", 1, 0.26, 1, "seed", 1L),
            SweepRows.of("better", 1, 0.28, 1, "seed", 2L));

    var text = new SweepReport(Comparison.of(rows), Optional.of("base")).text();

    assertThat(text).contains("| +1.0 ± 0.0  |");
  }

  private static Optional<PairedDifference> difference(
      Comparison comparison, String network, String baseline) {
    return PairedDifference.of(
        comparison.named(network).orElseThrow().accuracy().orElseThrow(),
        comparison.named(baseline).orElseThrow().accuracy().orElseThrow());
  }

  @Test
  @DisplayName("A single seed has the standard error of its evaluation")
  void oneSeed() {
    var text = new SweepReport(List.of(SweepRows.of("a", 2_500_000, 0.2, 1.25))).text();

    assertThat(text)
        .contains("| a       |   64 |     2.50 |        250 |       25 | 20.0 ± 1.5 |      40.0 |");
    assertThat(text).contains("top-1 ± its standard error over 788 images; chance is 1.9%");
    assertThat(text).contains("Latency of batch 1 on 1 thread(s), engine onednn, a CPU.");
  }

  @Test
  @DisplayName("Rows of another dataset, recipe or number of workers are not compared")
  void groups() {
    var comparisons =
        Comparison.of(
            List.of(
                SweepRows.of("a", 1, 0.2, 1),
                SweepRows.of("a", 1, 0.2, 1, "dataset_fingerprint", "g"),
                SweepRows.of("a", 1, 0.2, 1, "recipe_hocon", "epochs = 2"),
                SweepRows.of("a", 1, 0.2, 1, "workers", 3),
                SweepRows.of("b", 1, 0.2, 1)));

    assertThat(comparisons).hasSize(4);
    assertThat(comparisons.get(0).configurations())
        .extracting(Configuration::name)
        .containsExactly("a", "b");
  }

  @Test
  @DisplayName("What failed or was given up is told, and on no front")
  void unfinished() {
    var rows =
        List.of(
            SweepRows.of("a", 2, 0.20, 1),
            SweepRows.of("b", 1, 0.50, 1, "status", "eliminated"),
            SweepRows.failed("c", "no memory"));

    var comparison = Comparison.of(rows).get(0);

    assertThat(comparison.front(Configuration::macs).members())
        .extracting(Configuration::name)
        .containsExactly("a");
    assertThat(new SweepReport(rows).text())
        .contains("(50.0 ± 1.5)")
        .contains("In brackets: not trained to the end.")
        .contains("c failed: no memory");
  }

  @Test
  @DisplayName("What was trained to the end counts, not what a longer race gave up before")
  void trainedToTheEnd() {
    var rows =
        List.of(
            SweepRows.of("a", 1, 0.30, 1),
            SweepRows.of("a", 1, 0.10, 1, "status", "eliminated", "rung", 1, "images_seen", 1000L));

    var configuration = Comparison.of(rows).get(0).configurations().get(0);

    assertThat(configuration.isMeasured()).isTrue();
    assertThat(configuration.top1()).isEqualTo(0.30);
  }

  @Test
  @DisplayName("A seed that failed is told beside the mean of the others")
  void failedSeed() {
    var rows =
        List.of(
            SweepRows.of("a", 1, 0.20, 1, "seed", 1L),
            SweepRows.of("a", 1, 0.24, 1, "seed", 2L),
            SweepRows.of(
                "a", 1, 0, 1, "seed", 3L, "top1", null, "status", "failed", "error", "no memory"));

    var text = new SweepReport(rows).text();

    assertThat(text).contains("22.0 ± 2.8").contains("\na failed with seed 3: no memory\n");
  }

  @Test
  @DisplayName("Latencies of different processors are set side by side, and not averaged")
  void processors() {
    var rows =
        List.of(
            SweepRows.of("a", 1_000_000, 0.2, 1, "seed", 1L),
            SweepRows.of("a", 1_000_000, 0.2, 3, "seed", 2L, "latency_cpu", "another"),
            SweepRows.of("b", 2_000_000, 0.2, 4, "latency_gpu", "a GPU"));
    var comparison = Comparison.of(rows).get(0);

    assertThat(comparison.timings())
        .containsExactly(
            new Timing("onednn", 1, 1, "a CPU"),
            new Timing("onednn", 1, 1, "a GPU"),
            new Timing("onednn", 1, 1, "another"));
    assertThat(comparison.configurations().get(0).latencies())
        .containsOnlyKeys(comparison.timings().get(0), comparison.timings().get(2));
    assertThat(new SweepReport(rows).text())
        .contains(
            " Latency [1] of batch 1 on 1 thread(s), engine onednn, a CPU;"
                + " [2] of batch 1 on 1 thread(s), engine onednn, a GPU;"
                + " [3] of batch 1 on 1 thread(s), engine onednn, another.\n")
        .contains("Pareto front of top-1 and p50 (onednn, a CPU): a\n")
        .contains("Pareto front of top-1 and p50 (onednn, a GPU): b\n");
  }

  @Test
  @DisplayName("Latencies that others disturbed are counted, of those that were measured")
  void disturbed() {
    var quiet = SweepRows.of("a", 1_000_000, 0.2, 1, "latency_quiet", true, "latency_noise", 0.1);
    var noisy =
        SweepRows.of("b", 2_000_000, 0.2, 2, "latency_quiet", false, "latency_noise", 0.452);

    assertThat(new SweepReport(List.of(quiet, noisy, SweepRows.failed("c", "no memory"))).text())
        .contains(
            "\nLatencies measured while the machine was not quiet: 1 of 2 (noise up to 45%).");
    assertThat(new SweepReport(List.of(quiet)).text()).doesNotContain("not quiet");
    var stock = SweepRows.timed("a", "stock", 1, 30, "quiet", false, "noise", 1.2);
    var comparisons = Comparison.of(List.of(quiet, noisy), List.of(stock));
    assertThat(new SweepReport(comparisons, Optional.empty()).text())
        .contains(" not quiet: [1] 1 of 2 (noise up to 45%), [2] 1 of 1 (noise up to 120%).\n");
  }

  @Test
  @DisplayName("A latency that was measured again in quiet takes the place of a disturbed one")
  void againInQuiet() {
    var noisy =
        SweepRows.of("a", 1_000_000, 0.2, 4, "latency_quiet", false, "latency_noise", 0.452);
    var again = SweepRows.timed("a", "onednn", 1, 3, "quiet", true, "noise", 0.1);
    var disturbed = SweepRows.timed("a", "onednn", 1, 5, "quiet", false, "noise", 0.3);
    var timing = new Timing("onednn", 1, 1, "a CPU");

    assertThat(latencies(noisy, disturbed, again))
        .containsExactly(Map.entry(timing, new Timing.Latency(3, 3, 0)));
    assertThat(latencies(noisy, disturbed))
        .containsExactly(Map.entry(timing, new Timing.Latency(4, 8, 0.452)));
    assertThat(latencies(SweepRows.of("a", 1_000_000, 0.2, 4), again))
        .containsExactly(Map.entry(timing, new Timing.Latency(4, 8, 0)));
  }

  private static Map<Timing, Timing.Latency> latencies(Row swept, Row... timed) {
    var comparisons = Comparison.of(List.of(swept), List.of(timed));
    return comparisons.get(0).configurations().get(0).latencies();
  }

  @Test
  @DisplayName(
      "What was too slow to be trained is told with its latency, unless it was trained once")
  void tooSlow() {
    var slow = tooSlow("b", "is 3.000, at most 2.0");
    var trained = SweepRows.of("a", 2, 0.20, 1);
    var once = Comparison.of(List.of(trained, slow)).get(0);

    assertThat(once.measured()).extracting(Configuration::name).containsExactly("a");
    assertThat(once.configurations().get(0).p50(new Timing("onednn", 1, 1, "a CPU"))).isEqualTo(3);
    assertThat(new SweepReport(List.of(trained, slow)).text())
        .contains(
            "| b       |   64 |     0.00 |          0 |        0 |    exceeds |         - |     3.00 |")
        .contains("b exceeds: is 3.000, at most 2.0");

    var later = SweepRows.of("b", 1, 0.25, 3);
    for (var rows : List.of(List.of(slow, later), List.of(later, slow))) {
      var both = Comparison.of(rows).get(0);
      assertThat(both.measured()).extracting(Configuration::top1).containsExactly(0.25);
      assertThat(new SweepReport(rows).text()).doesNotContain("exceeds");
    }
  }

  private static Row tooSlow(String network, String error) {
    return SweepRows.of(
        network,
        1,
        0,
        3,
        "top1",
        null,
        "images_seen",
        null,
        "status",
        SweepTable.EXCEEDS,
        "error",
        error);
  }

  @Test
  @DisplayName("Latencies of other engines and batches come from their table, by the network")
  void engines() {
    var rows = List.of(SweepRows.of("a", 1, 0.2, 1), SweepRows.of("b", 2, 0.3, 2));
    var timed =
        List.of(
            SweepRows.timed("a", "stock", 1, 30),
            SweepRows.timed("b", "stock", 1, 20),
            SweepRows.timed("b", "onednn", 8, 9));

    var comparison = Comparison.of(rows, timed).get(0);

    assertThat(comparison.timings())
        .extracting(Timing::toString)
        .containsExactly(
            "onednn, batch 1, 1 thread, a CPU",
            "stock, batch 1, 1 thread, a CPU",
            "onednn, batch 8, 1 thread, a CPU");
    var stock = comparison.timings().get(1);
    assertThat(comparison.front(each -> each.p50(stock)).members())
        .extracting(Configuration::name)
        .containsExactly("b"); // fast and right by stock's layers
  }

  @Test
  @DisplayName("Of thousands of configurations the terminal shows those on a front")
  void thousands() {
    var rows =
        IntStream.range(0, 2000)
            .mapToObj(i -> SweepRows.of("n" + i, 1000 + i, i == 1500 ? 0.9 : 0.5, 1 + i))
            .toList();

    var text = new SweepReport(rows).text();

    assertThat(text).contains("| n0 ").contains("| n1500 ").doesNotContain("n1499");
    assertThat(text).contains("Of 2,000 configurations those on a front are shown.");
    assertThat(text).contains("Rank correlation (Spearman) of p50 (onednn): 1.00 with MACs");
    assertThat(text.lines()).hasSizeLessThan(20);
    assertThat(new SweepReport(Comparison.of(rows), Optional.of("n1499")).text())
        .contains("| n1499 ");
  }
}
