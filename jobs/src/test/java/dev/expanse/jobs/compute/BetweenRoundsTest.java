package dev.expanse.jobs.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BetweenRoundsTest {
  private final List<String> closed = new ArrayList<>();
  private final BetweenRounds<String> waiting = new BetweenRounds<>(closed::add);

  @Test
  @DisplayName("A worker finds what it has left, once, and the others' is left alone")
  void own() {
    waiting.leave("training", 0, "network of 0");
    waiting.leave("training", 1, "network of 1");

    assertThat(waiting.take("training", 1)).contains("network of 1");
    assertThat(waiting.take("training", 1)).isEmpty();
    assertThat(waiting.take("training", 0)).contains("network of 0");
    assertThat(closed).isEmpty();
  }

  @Test
  @DisplayName("When the next training begins, what the one before has left is closed")
  void nextTraining() {
    waiting.leave("before", 0, "network of 0");
    waiting.leave("before", 1, "network of 1");

    assertThat(waiting.take("next", 0)).isEmpty();

    assertThat(closed).containsExactlyInAnyOrder("network of 0", "network of 1");
    assertThat(waiting.take("before", 0)).isEmpty();
  }

  @Test
  @DisplayName("What is left after its training is over is closed at once")
  void tooLate() {
    waiting.leave("over", 0, "early");
    waiting.close("over");
    waiting.leave("over", 0, "late");

    assertThat(closed).containsExactly("early", "late");
  }

  @Test
  @DisplayName("What a second attempt leaves takes the place of the first one's, which is closed")
  void secondAttempt() {
    waiting.leave("training", 0, "first");
    waiting.leave("training", 0, "second");

    assertThat(closed).containsExactly("first");
    assertThat(waiting.take("training", 0)).contains("second");
  }
}
