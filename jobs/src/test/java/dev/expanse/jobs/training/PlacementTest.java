package dev.expanse.jobs.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {
  @ParameterizedTest(name = "{0} on {1}")
  @CsvSource({
    "a b, 2, a b", // each stays
    "a a, 1, a a", // the only executor, or local mode
    "a a, 2, a -", // one came late, or in place of another
    "a b a b, 2, a b a b",
    "a a a a, 2, a a - -",
    "a a a b, 2, a a - b",
    "a b a, 2, a b a", // one more than there are executors
    "a a b, 4, a - b", // more executors than workers
  })
  @DisplayName("Workers stay where they are, but for those beyond an executor's share")
  void next(String before, int executors, String after) {
    var next = Placement.next(List.of(before.split(" ")), executors);

    assertThat(next.stream().map(location -> location.orElse("-")))
        .isEqualTo(Arrays.asList(after.split(" ")));
  }
}
