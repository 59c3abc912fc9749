package dev.expanse.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.bench.AveragingCosts.Copying;
import dev.expanse.bench.AveragingModel.Link;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AveragingModelTest {
  private static final double EXACT = 1e-9;

  /** 4 MB of values, on links of 1 GB/s and 1 ms. */
  private static final AveragingModel MODEL =
      new AveragingModel(
          new AveragingCosts(
              1_000_000,
              new Copying(1e-8, 2e-8),
              new Copying(1e-9, 2e-9),
              new Copying(5e-9, 6e-9),
              3e-9,
              0.01),
          new Link(1e9, 0.001),
          10,
          0.5,
          0.1,
          0.2);

  @Test
  @DisplayName("Slices of four workers are as by hand")
  void slices() {
    var terms = MODEL.terms(AveragingKind.EXPANSE, 4);
    assertThat(terms.compute()).isEqualTo(10);
    // written 40 ms, read 80 ms; from the driver, to one more, to two more: 5 ms each
    assertThat(terms.broadcast()).isEqualTo(0.135, within(EXACT));
    // 4 slices: 4 MB written in 4 ms, sent in 5, and four shares of 1 MB read in 8, added in 12
    assertThat(terms.combine()).isEqualTo(0.029, within(EXACT));
    // 1 MB written in 1 ms, 4 MB received in 5 and read in 8
    assertThat(terms.collect()).isEqualTo(0.014, within(EXACT));
    // 8 tasks, of which the floor of 100 ms has 3
    assertThat(terms.scheduling()).isEqualTo(0.15, within(EXACT));
    assertThat(terms.stragglers()).isEqualTo(0.5 * AveragingModel.slowest(4));
    assertThat(terms.averaging()).isEqualTo(0.328, within(EXACT));
    double round = 10.328 + terms.stragglers();
    assertThat(terms.share()).isEqualTo(0.328 / round, within(EXACT));
    assertThat(terms.overhead()).isEqualTo((0.328 + terms.stragglers()) / round, within(EXACT));
  }

  @Test
  @DisplayName("Where slices are fewer than workers, those that sum receive more than one copy")
  void fewSlices() {
    var terms = MODEL.terms(AveragingKind.EXPANSE, 60); // 15 slices: four copies each, 16 MB
    assertThat(terms.combine()).isEqualTo(0.004 + 0.017 + 0.032 + 0.048, within(EXACT));
    assertThat(terms.broadcast()).isEqualTo(0.12 + 7 * 0.005, within(EXACT));
  }

  @Test
  @DisplayName("Whole copies of two workers go to the driver, of sixteen to four tasks before")
  void copies() {
    var two = MODEL.terms(AveragingKind.DL4J, 2);
    assertThat(two.broadcast()).isEqualTo(0.02 + 0.024 + 2 * 0.005, within(EXACT));
    assertThat(two.combine()).as("written").isEqualTo(0.02, within(EXACT));
    // 8 MB received in 9 ms, read in 48, added in 24
    assertThat(two.collect()).isEqualTo(0.081, within(EXACT));
    assertThat(two.scheduling()).isEqualTo(0.2, within(EXACT));

    var sixteen = MODEL.terms(AveragingKind.DL4J, 16);
    // four copies in a task: 16 MB received in 17 ms, read in 96, added in 48, and written again
    assertThat(sixteen.combine()).isEqualTo(0.02 + 0.161 + 0.02, within(EXACT));
    assertThat(sixteen.collect()).isEqualTo(0.161, within(EXACT));
    assertThat(sixteen.scheduling()).isEqualTo(0.2 + 18 * 0.01, within(EXACT));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("More workers cost more")
  void monotone(AveragingKind kind) {
    double before = 0;
    for (int workers = 2; workers <= 4096; workers *= 2) {
      var terms = MODEL.terms(kind, workers);
      assertThat(terms.overhead()).isGreaterThan(before);
      before = terms.overhead();
    }
  }

  @ParameterizedTest(name = "of {0}")
  @CsvSource({"2, 0.56419", "10, 1.53875", "20, 1.86748", "50, 2.24907", "100, 2.50759"})
  @DisplayName("The greatest of normal values is within 5% of the tabulated expectation")
  void slowest(int workers, double tabulated) {
    assertThat(AveragingModel.slowest(workers)).isEqualTo(tabulated, within(0.05 * tabulated));
  }

  @Test
  @DisplayName("One worker waits for nobody")
  void alone() {
    assertThat(AveragingModel.slowest(1)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"EXPANSE, 1.3", "DL4J, 1.7"})
  @DisplayName("Averaging's share on two workers is the measured one within a factor of 1.5")
  void calibrated(AveragingKind kind, double measuredPercent) {
    // printed by bench.sh averaging on 2 cores of an AMD EPYC, 2026-11-26
    var mobileNet =
        new AveragingModel(
            new AveragingCosts(
                4_780_000,
                new Copying(1 / 502e6, 1 / 1086e6),
                new Copying(1 / 1114e6, 1 / 1513e6),
                new Copying(1 / 136e6, 1 / 172e6),
                1 / 1338e6,
                0.00418),
            new Link(1.25e9, 0.0002),
            36.959,
            0.2,
            0.179,
            0.106);

    double percent = 100 * mobileNet.terms(kind, 2).share();
    assertThat(percent).isBetween(measuredPercent / 1.5, measuredPercent * 1.5);
  }
}
