package dev.expanse.core.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LatencyTest {

  @Test
  @DisplayName("Percentiles are nearest ranks, whatever the order of the times")
  void percentiles() {
    var times = IntStream.rangeClosed(1, 200).map(i -> 201 - i).asDoubleStream().toArray();

    var latency = Latency.of(times);

    assertThat(latency.p50Ms()).isEqualTo(100);
    assertThat(latency.p90Ms()).isEqualTo(180);
    assertThat(latency.p99Ms()).isEqualTo(198);
    assertThat(latency.meanMs()).isEqualTo(100.5);
    // the variance of 1 to n is (n * n - 1) / 12
    assertThat(latency.deviationMs()).isEqualTo(Math.sqrt(39999 / 12.0), within(1e-9));
  }

  @Test
  @DisplayName("A single query is its own median and 99th percentile")
  void single() {
    assertThat(Latency.of(new double[] {7})).isEqualTo(new Latency(1, 7, 0, 7, 7, 7));
  }

  @Test
  @DisplayName("Queries of the warm-up run, but are not counted")
  void warmUp() {
    var calls = new AtomicInteger();

    var shares = new ArrayList<Double>();
    var latency = Latency.measure(calls::incrementAndGet, 3, 5, shares::add);

    assertThat(calls).hasValue(8);
    assertThat(latency.queries()).isEqualTo(5);
    assertThat(shares).hasSize(8).isSorted().startsWith(0.125).endsWith(1.0);
  }

  @Test
  @DisplayName("Nothing to measure is refused")
  void nothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Latency.measure(() -> {}, 0, 0, share -> {}));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Latency.measure(() -> {}, -1, 1, share -> {}));
  }
}
