package dev.expanse.core.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.Settings;
import dev.expanse.core.latency.LatencyProtocol.Measured;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The clock is one that only queries move, each by the time that the test gives it. */
class LatencyProtocolTest {
  private final List<Double> shares = new ArrayList<>();
  private long now;
  private int queries;

  @Test
  @DisplayName("What is slow at first is warm-up, and only what is steady is counted")
  void steady() {
    // a window of eight queries of 20 ms or more is a window of eight
    var measured = measure(protocol(100, 0, 60), query -> query < 20 ? 100 - query : 20);

    assertThat(measured.steady()).isTrue();
    // two windows and four queries are slow; the third's median is steady with the next two
    assertThat(measured.warmUpQueries()).isBetween(40, 48);
    assertThat(measured.latency()).isEqualTo(new Latency(100, 20, 0, 20, 20, 20));
    assertThat(queries).isEqualTo(measured.warmUpQueries() + 100);
  }

  @Test
  @DisplayName("Windows that drift by more than the tolerance are not steady, by less they are")
  void tolerance() {
    assertThat(measure(protocol(1, 0, 9), query -> 20 * Math.pow(1.02, query / 8)).steady())
        .isFalse(); // three windows differ by 4%
    assertThat(measure(protocol(1, 0, 9), query -> 20 * Math.pow(1.01, query / 8)).steady())
        .isTrue();
  }

  @Test
  @DisplayName("Warm-up ends in time where latency never becomes steady, which is said")
  void unsteady() {
    var measured = measure(protocol(10, 0, 2), query -> query / 8 % 2 == 0 ? 20 : 30);

    assertThat(measured.steady()).isFalse();
    // windows of 0.16 and 0.24 seconds: the last one begins before two seconds are over
    assertThat(measured.warmUpQueries()).isEqualTo(80);
    assertThat(measured.latency().queries()).isEqualTo(10);
  }

  @Test
  @DisplayName("A window of short queries has as many as take a tenth of a second")
  void shortQueries() {
    assertThat(measure(protocol(1, 0, 9), query -> 0.5).warmUpQueries()).isEqualTo(3 * 200);
  }

  @Test
  @DisplayName("Both the number of queries and the time are reached")
  void bounds() {
    assertThat(measure(protocol(10, 1, 0), query -> 20).latency().queries()).isEqualTo(50);
    assertThat(measure(protocol(100, 1, 0), query -> 20).latency().queries()).isEqualTo(100);
    assertThat(shares).isSorted().allMatch(share -> share > 0).endsWith(1.0);
  }

  @Test
  @DisplayName("Without time for it there is no warm-up")
  void none() {
    var measured = measure(protocol(5, 0, 0), query -> 1);

    assertThat(measured.warmUpQueries()).isZero();
    assertThat(queries).isEqualTo(5);
  }

  @Test
  @DisplayName("A protocol is read from what it writes")
  void hocon() {
    var protocol = new LatencyProtocol(7, 1.5, 0.25, 0.01);

    assertThat(LatencyProtocol.read(Settings.parse(protocol.toHocon(), "test")))
        .isEqualTo(protocol);
    assertThatIllegalArgumentException().isThrownBy(() -> new LatencyProtocol(0, 0, 0, 1));
  }

  @Test
  @DisplayName("Noise is the relative difference of two latencies, whichever is larger")
  void noise() {
    assertThat(Calibration.noise(1.0, 1.1)).isEqualTo(0.1, within(1e-9));
    assertThat(Calibration.noise(1.1, 1.0)).isEqualTo(0.1, within(1e-9));
    assertThat(Calibration.noise(2, 2)).isZero();
  }

  @Test
  @DisplayName("The calibration network is what it was: its latencies are compared for years")
  void calibration() {
    assertThat(Calibration.NETWORK.hash()).isEqualTo("770df399e81ba8a3");
  }

  private static LatencyProtocol protocol(int queries, double seconds, double warmUp) {
    return new LatencyProtocol(queries, seconds, warmUp, 0.03);
  }

  private Measured measure(LatencyProtocol protocol, IntToDoubleFunction milliseconds) {
    now = 0;
    queries = 0;
    shares.clear();
    Runnable query = () -> now += Math.round(1e6 * milliseconds.applyAsDouble(queries++));
    return protocol.measure(query, shares::add, () -> now);
  }
}
