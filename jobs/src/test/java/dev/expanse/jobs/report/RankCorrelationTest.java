package dev.expanse.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RankCorrelationTest {
  @Test
  @DisplayName("Ties have the mean of their ranks, as computed by hand")
  void ties() {
    // ranks 1, 2.5, 2.5, 4 and 1, 3, 2, 4: deviations' products sum to 4.5, squares to 4.5 and 5
    assertThat(of(new double[][] {{10, 1}, {20, 30}, {20, 2}, {1000, 31}}).getAsDouble())
        .isCloseTo(4.5 / Math.sqrt(4.5 * 5), within(1e-12));
  }

  @Test
  @DisplayName("Only the order counts: 1 where it is the same, -1 where it is reversed")
  void order() {
    assertThat(of(new double[][] {{1, 1}, {2, 10}, {3, 1e6}}).getAsDouble()).isEqualTo(1);
    assertThat(of(new double[][] {{1, 9}, {2, 8}, {30, -5}}).getAsDouble()).isEqualTo(-1);
  }

  @Test
  @DisplayName("Pairs without a number are left out, and of too few or equal ones there is none")
  void none() {
    assertThat(of(new double[][] {{1, 1}, {2, Double.NaN}, {3, 2}, {4, 3}}).getAsDouble())
        .isEqualTo(1);
    assertThat(of(new double[][] {{1, 1}, {2, 2}})).isEmpty();
    assertThat(of(new double[][] {{1, 5}, {2, 5}, {3, 5}})).isEmpty();
  }

  private static OptionalDouble of(double[][] pairs) {
    return RankCorrelation.spearman(List.of(pairs), pair -> pair[0], pair -> pair[1]);
  }
}
