package dev.expanse.core.dl4j;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What ND4J frees only when Java finds that nobody needs it: the shapes of arrays, small but
 * thousands in a training. They lie between arrays that were closed, whose memory cannot be given
 * back to the system as long as they are there.
 */
final class NativeGarbage {
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final AtomicLong LAST = new AtomicLong(System.nanoTime());

  private NativeGarbage() {}

  /** Has Java look, unless it did in the last ten seconds: in a large heap that takes one. */
  static void collect() {
    long now = System.nanoTime();
    long last = LAST.get();
    if (now - last >= PAUSE_NANOS && LAST.compareAndSet(last, now)) {
      System.gc();
    }
  }
}
