package dev.expanse.jobs.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ProgressTest {

  @Test
  @DisplayName("The time left is the time so far, scaled")
  void remaining() {
    var clock = new AtomicLong();
    var progress = new Progress(0, clock::get);
    clock.set(30_000_000_000L);

    assertThat(progress.remaining(0.25)).isEqualTo("about 1:30 left");
    assertThat(progress.remaining(1)).isEqualTo("about 0:00 left");
    assertThat(progress.remaining(0.001)).isEqualTo("about 8.3 hours left");
  }

  @Test
  @DisplayName("What was done before takes no time of the time left")
  void goingOn() {
    var clock = new AtomicLong();
    var progress = new Progress(0.5, clock::get);
    clock.set(30_000_000_000L);

    assertThat(progress.remaining(0.75)).isEqualTo("about 0:30 left");
    var unknown = Progress.goingOn(clock::get);
    unknown.at(0.5, () -> "halfway");
    clock.set(60_000_000_000L);
    assertThat(unknown.remaining(0.75)).isEqualTo("about 0:30 left");
  }
}
