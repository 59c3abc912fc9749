package dev.expanse.core.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
  @DisplayName("Throughput is a batch in the mean latency")
  void throughput() {
    assertThat(Latency.of(new double[] {2, 6}).imagesPerSecond(8)).isEqualTo(2000);
  }
}
