package dev.expanse.core.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The clock is one that only queries move. */
class CalibrationTest {
  private double milliseconds = 1;
  private long now;

  @Test
  @DisplayName("Slowdown is relative to the fastest median so far, which a faster one replaces")
  void slowdown() {
    var calibration = calibration(Double.POSITIVE_INFINITY);
    milliseconds = 1.1;
    assertThat(calibration.slowdown()).isEqualTo(0.1, within(1e-9));
    milliseconds = 0.5;
    assertThat(calibration.slowdown()).isZero();
    milliseconds = 1;
    assertThat(calibration.slowdown()).isEqualTo(1, within(1e-9));

    assertThat(calibration.firstMs()).isEqualTo(1.1);
    assertThat(calibration.latestMs()).isEqualTo(1);
    assertThat(calibration.fastestMs()).isEqualTo(0.5);
  }

  @Test
  @DisplayName("What is known to be the machine's best counts from the beginning")
  void known() {
    assertThat(calibration(0.8).slowdown()).isEqualTo(0.25, within(1e-9));
  }

  @Test
  @DisplayName("A few slow queries are not a slow machine")
  void median() {
    var calls = new int[1];
    var calibration =
        new Calibration(() -> now += calls[0]++ % 3 == 0 ? 9_000_000 : 1_000_000, 1, () -> now);

    assertThat(calibration.slowdown()).isZero();
  }

  @Test
  @DisplayName("The calibration network is what it was: its latencies are compared for years")
  void network() {
    assertThat(Calibration.NETWORK.hash()).isEqualTo("770df399e81ba8a3");
  }

  private Calibration calibration(double fastestMs) {
    return new Calibration(() -> now += Math.round(1e6 * milliseconds), fastestMs, () -> now);
  }
}
