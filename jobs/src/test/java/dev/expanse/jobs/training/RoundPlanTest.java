package dev.expanse.jobs.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.jobs.training.RoundPlan.Span;
import java.util.ArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoundPlanTest {
  @Test
  @DisplayName("Rounds end with the epoch, and the last one with the run")
  void rounds() {
    var plan = new RoundPlan(12, 5, 3, 0);

    assertThat(plan)
        .containsExactly(
            new Span(1, 1, 0, 3, false),
            new Span(2, 1, 3, 5, false),
            new Span(3, 2, 0, 3, false),
            new Span(4, 2, 3, 5, false),
            new Span(5, 3, 0, 2, false));
    assertThat(plan.count()).isEqualTo(5);
    assertThat(plan.stepsAfter(new Span(4, 2, 3, 5, false))).isEqualTo(10);
  }

  @Test
  @DisplayName("The first steps are rounds of their own, also over the end of an epoch")
  void warmUp() {
    var plan = new RoundPlan(12, 4, 3, 6);

    assertThat(plan)
        .extracting(span -> span.end() - span.first())
        .containsExactly(1, 1, 1, 1, 1, 1, 2, 3, 1);
    assertThat(plan).filteredOn(Span::warmUp).hasSize(6);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1, 0", "100, 7, 16, 0", "100, 30, 16, 33", "60, 30, 1, 0"})
  @DisplayName("Each step is in one round")
  void eachStepOnce(long steps, int stepsAnEpoch, int frequency, int warmUp) {
    var plan = new RoundPlan(steps, stepsAnEpoch, frequency, warmUp);
    var seen = new ArrayList<Long>();
    for (var span : plan) {
      for (int step = span.first(); step < span.end(); step++) {
        seen.add((span.epoch() - 1L) * stepsAnEpoch + step);
      }
    }
    assertThat(seen).hasSize((int) steps).isSorted().doesNotHaveDuplicates().contains(steps - 1);
  }
}
