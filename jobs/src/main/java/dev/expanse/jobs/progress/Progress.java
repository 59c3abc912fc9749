package dev.expanse.jobs.progress;

import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a user how far a long job is and when it will be done, a line every few seconds. */
public final class Progress {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final LongSupplier nanoTime;
  private double from;
  private long start;
  private long told;

  /** Starts now. */
  public Progress() {
    this(0, System::nanoTime);
  }

  Progress(double from, LongSupplier nanoTime) {
    this.from = from;
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
    this.told = start;
  }

  /** Starts where it is told of first, for a part of the work may have been done before. */
  public static Progress goingOn() {
    return goingOn(System::nanoTime);
  }

  static Progress goingOn(LongSupplier nanoTime) {
    return new Progress(Double.NaN, nanoTime);
  }

  /**
   * Says where the job is, unless it said so less than five seconds ago.
   *
   * @param share the part of the work that is done, above where it started and at most 1
   * @param what where the job is
   */
  public void at(double share, Supplier<String> what) {
    long now = nanoTime.getAsLong();
    if (Double.isNaN(from)) {
      from = share;
      start = now;
      told = now;
    }
    if (now - told >= PAUSE.toNanos()) {
      told = now;
      LOG.info("{}, {}", what.get(), remaining(share));
    }
  }

  /** The time left when {@code share} of the work is done, as a user reads it. */
  String remaining(double share) {
    double seconds = (nanoTime.getAsLong() - start) / 1e9 * (1 - share) / (share - from);
    long rounded = Math.round(seconds);
    return rounded < 3600
        ? String.format(Locale.ROOT, "about %d:%02d left", rounded / 60, rounded % 60)
        : String.format(Locale.ROOT, "about %.1f hours left", seconds / 3600);
  }
}
