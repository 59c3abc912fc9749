package dev.expanse.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PercentilesTest {
  @Test
  void areNearestRanks() {
    var values = IntStream.rangeClosed(1, 100).mapToObj(i -> 101.0 - i).toList();
    assertThat(Percentiles.of(values)).isEqualTo(new Percentiles(10, 50, 90));
  }

  @Test
  void ofOneValueAreThatValue() {
    assertThat(Percentiles.of(List.of(3.0))).isEqualTo(new Percentiles(3, 3, 3));
  }

  @Test
  void ofNothingAreRefused() {
    assertThatThrownBy(() -> Percentiles.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
