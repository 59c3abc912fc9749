package dev.expanse.core.latency;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * How quiet the machine is, told by a small network that never changes: the median latency of some
 * of its queries, beside the fastest such median that is known of the machine. Others that use the
 * machine, or a processor that has grown too hot, make it slower.
 */
public final class Calibration {
  /** The network, written out in full so that no default changes it. */
  public static final NetworkSpec NETWORK =
      NetworkSpec.read(
          Settings.parse(
              """
              name = calibration, family = inverted-residual, resolution = 64, classes = 10
              table = [[1, 16, 1, 1, 3], [6, 24, 2, 2, 3], [6, 32, 2, 2, 3]]
              stem = 16, head = 128, width = 1, dropout = 0, squeeze-excite = 0
              """,
              "calibration"));

  private static final int QUERIES = 16;
  private static final double SECONDS = 0.005;
  private static final int WARM_UP_PROBES = 16;
  private static final double NANOS_A_MS = 1e6;

  private final Runnable query;
  private final LongSupplier nanoTime;
  private double firstMs = Double.NaN;
  private double latestMs = Double.NaN;
  private double fastestMs;

  /**
   * Warms up the network.
   *
   * @param query of {@link #NETWORK}, answered when it returns
   * @param fastestMs the fastest median that is known already, in milliseconds; infinite for none
   */
  public Calibration(Runnable query, double fastestMs) {
    this(query, fastestMs, System::nanoTime);
  }

  /** As {@link #Calibration(Runnable, double)}, by another clock. */
  Calibration(Runnable query, double fastestMs, LongSupplier nanoTime) {
    this.query = query;
    this.nanoTime = nanoTime;
    this.fastestMs = fastestMs;
    for (int i = 0; i < WARM_UP_PROBES; i++) {
      this.fastestMs = Math.min(this.fastestMs, medianMs());
    }
  }

  /** Measures how much slower than at its fastest the network is now: 0.1 is a tenth. */
  public double slowdown() {
    latestMs = medianMs();
    firstMs = Double.isNaN(firstMs) ? latestMs : firstMs;
    fastestMs = Math.min(fastestMs, latestMs);
    return latestMs / fastestMs - 1;
  }

  /** The median of a query when {@link #slowdown} was asked first, in milliseconds. */
  public double firstMs() {
    return firstMs;
  }

  /** The same when it was asked last. */
  public double latestMs() {
    return latestMs;
  }

  /** The fastest median that is known. */
  public double fastestMs() {
    return fastestMs;
  }

  private double medianMs() {
    var times = new double[QUERIES];
    int count = 0;
    long begin = nanoTime.getAsLong();
    long before = begin;
    while (count < QUERIES || before - begin < SECONDS * 1e9) {
      if (count == times.length) {
        times = Arrays.copyOf(times, 2 * count);
      }
      query.run();
      long after = nanoTime.getAsLong();
      times[count++] = (after - before) / NANOS_A_MS;
      before = after;
    }
    return Latency.of(Arrays.copyOf(times, count)).p50Ms();
  }
}
