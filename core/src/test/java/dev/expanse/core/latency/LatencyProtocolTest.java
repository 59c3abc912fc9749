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
  private double[] slowdowns = {};
  private int questions;

  @Test
  @DisplayName("What is slow at first is warm-up, and only what is steady is counted")
  void steady() {
    // a window of eight queries of 20 ms or more is a window of eight
    var measured = measure(protocol(100, 0, 60), query -> query < 20 ? 100 - query : 20);

    assertThat(measured.steady()).isTrue();
    // two windows and four queries are slow; the third's median is steady with the next two
    assertThat(measured.warmUpQueries()).isBetween(40, 48);
    assertThat(measured.latency()).isEqualTo(new Latency(100, 20, 0, 20, 20, 20));
    // 20 ms each: thirteen make a quarter of a second, and the first of each eight is not counted
    assertThat(queries).isEqualTo(measured.warmUpQueries() + 100 + 8);
    assertThat(measured.quiet()).isTrue();
    assertThat(measured.noise()).isZero();
  }

  @Test
  @DisplayName("Queries beside which the machine was slow do not count, whatever they took")
  void disturbed() {
    // asked before all, and after each of the segments of ten queries of 25 ms
    slowdowns = new double[] {0, 0.15, 0.2, 0.3, 0.02, 0.03, 0.01};

    var measured = measure(protocol(30, 0, 0), query -> query / 11 == 0 ? 25 : 25.001);

    // the first, and those between two quiet answers
    assertThat(measured.latency().queries()).isEqualTo(30);
    assertThat(measured.disturbedQueries()).isEqualTo(30);
    assertThat(measured.quiet()).isTrue();
    assertThat(measured.noise()).isEqualTo(0.15);
    assertThat(measured.latency().meanMs()).isEqualTo((10 * 25 + 20 * 25.001) / 30, within(1e-9));
  }

  @Test
  @DisplayName("Where patience is over, disturbed queries count, which is said")
  void patience() {
    slowdowns = new double[] {0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5};

    // four segments of a quarter of a second are a second
    var measured = measure(protocol(30, 0, 0), query -> 25);

    assertThat(measured.disturbedQueries()).isEqualTo(40);
    assertThat(measured.latency().queries()).isEqualTo(30);
    assertThat(measured.quiet()).isFalse();
    assertThat(measured.noise()).isEqualTo(0.5);
  }

  @Test
  @DisplayName("A network's own slow queries count on a quiet machine")
  void slow() {
    var measured = measure(protocol(99, 0, 0), query -> query % 9 == 8 ? 80 : 20);

    assertThat(measured.disturbedQueries()).isZero();
    assertThat(measured.latency().p99Ms()).isEqualTo(80);
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
    assertThat(queries).isEqualTo(1 + 5);
  }

  @Test
  @DisplayName("A protocol is read from what it writes")
  void hocon() {
    var protocol = new LatencyProtocol(7, 1.5, 0.25, 0.01, 0.3, 20);

    assertThat(LatencyProtocol.read(Settings.parse(protocol.toHocon(), "test")))
        .isEqualTo(protocol);
    assertThatIllegalArgumentException().isThrownBy(() -> new LatencyProtocol(0, 0, 0, 1, 1, 0));
  }

  private static LatencyProtocol protocol(int queries, double seconds, double warmUp) {
    return new LatencyProtocol(queries, seconds, warmUp, 0.03, 0.15, 1);
  }

  private Measured measure(LatencyProtocol protocol, IntToDoubleFunction milliseconds) {
    now = 0;
    queries = 0;
    shares.clear();
    Runnable query = () -> now += Math.round(1e6 * milliseconds.applyAsDouble(queries++));
    return protocol.measure(query, this::slowdown, shares::add, () -> now);
  }

  private double slowdown() {
    return slowdowns.length == 0 ? 0 : slowdowns[questions++];
  }
}
