package dev.expanse.core.latency;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleConsumer;
import java.util.function.LongSupplier;

/**
 * How latency is measured: as MLPerf's single-stream scenario, the next query starts when one is
 * answered, and both a number of queries and a time are reached before the measurement ends (Reddi
 * et al., "MLPerf Inference Benchmark", 2020, sections III.C and III.D).
 *
 * <p>Queries are counted once latency is <b>steady</b>: they are warm-up until the medians of three
 * windows, one after the other, agree within a tolerance. A window is as many queries as take a
 * tenth of a second, and at least eight. Where latency does not become steady in the time that
 * warm-up has, it is measured all the same, and said to be unsteady.
 *
 * @param queries at least so many are counted
 * @param seconds they take at least so long, together
 * @param warmUpSeconds warm-up ends after so long; 0 for none
 * @param tolerance the largest relative difference of the medians of windows that agree
 */
public record LatencyProtocol(int queries, double seconds, double warmUpSeconds, double tolerance)
    implements Serializable {
  private static final int WINDOWS = 3;
  private static final int WINDOW_QUERIES = 8;
  private static final double WINDOW_SECONDS = 0.1;
  private static final double NANOS = 1e9;

  /**
   * What was measured.
   *
   * @param latency of the queries that were counted
   * @param warmUpQueries how many there were before
   * @param steady whether latency was steady when they ended
   */
  public record Measured(Latency latency, int warmUpQueries, boolean steady)
      implements Serializable {}

  /** A protocol; numbers out of range are refused. */
  public LatencyProtocol {
    if (queries < 1 || !(seconds >= 0) || !(warmUpSeconds >= 0) || !(tolerance > 0)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot measure %d queries for %s seconds after %s of warm-up to within %s",
              queries,
              seconds,
              warmUpSeconds,
              tolerance));
    }
  }

  /**
   * Reads {@code queries}, {@code seconds}, {@code warm-up-seconds} and {@code steady-within}.
   *
   * @throws InvalidInputException if a value is out of range
   */
  public static LatencyProtocol read(Settings settings) {
    return new LatencyProtocol(
        settings.integer("queries", 1, 100_000_000, 1024),
        settings.number("seconds", 0, 1e6, 0),
        settings.number("warm-up-seconds", 0, 1e6, 5),
        settings.number("steady-within", 1e-6, 1e6, 0.03));
  }

  /** The settings on one line, which {@link #read} reads to an equal protocol. */
  public String toHocon() {
    return String.format(
        Locale.ROOT,
        "queries = %d, seconds = %s, warm-up-seconds = %s, steady-within = %s",
        queries,
        seconds,
        warmUpSeconds,
        tolerance);
  }

  /**
   * Measures.
   *
   * @param query is answered when it returns
   * @param watcher told after each query, outside the measured time, which share of all is done, as
   *     far as can be said
   */
  public Measured measure(Runnable query, DoubleConsumer watcher) {
    return new Clock(query, watcher, System::nanoTime).measure();
  }

  /** As {@link #measure(Runnable, DoubleConsumer)}, by another clock. */
  Measured measure(Runnable query, DoubleConsumer watcher, LongSupplier nanoTime) {
    return new Clock(query, watcher, nanoTime).measure();
  }

  /** One measurement. */
  private final class Clock {
    private final Runnable query;
    private final DoubleConsumer watcher;
    private final LongSupplier nanoTime;
    private final long start;
    private int warmUpQueries;

    private Clock(Runnable query, DoubleConsumer watcher, LongSupplier nanoTime) {
      this.query = query;
      this.watcher = watcher;
      this.nanoTime = nanoTime;
      this.start = nanoTime.getAsLong();
    }

    private Measured measure() {
      boolean steady = warmUp();
      long begin = nanoTime.getAsLong();
      double before = (begin - start) / NANOS;
      var milliseconds = new double[queries];
      int count = 0;
      for (double passed = 0; count < queries || passed < seconds; ) {
        if (count == milliseconds.length) {
          milliseconds = Arrays.copyOf(milliseconds, 2 * count);
        }
        milliseconds[count++] = time();
        passed = (nanoTime.getAsLong() - begin) / NANOS;
        double left = Math.max(passed * (queries - count) / count, seconds - passed);
        watcher.accept((before + passed) / (before + passed + Math.max(0, left)));
      }
      return new Measured(Latency.of(Arrays.copyOf(milliseconds, count)), warmUpQueries, steady);
    }

    private boolean warmUp() {
      var medians = new double[WINDOWS];
      for (int window = 0; (nanoTime.getAsLong() - start) / NANOS < warmUpSeconds; window++) {
        medians[window % WINDOWS] = window();
        if (window >= WINDOWS - 1 && agree(medians)) {
          return true;
        }
      }
      return false;
    }

    /** The median of a window, in milliseconds. */
    private double window() {
      var times = new double[WINDOW_QUERIES];
      int count = 0;
      double sum = 0;
      while (count < WINDOW_QUERIES || sum < 1e3 * WINDOW_SECONDS) {
        if (count == times.length) {
          times = Arrays.copyOf(times, 2 * count);
        }
        times[count] = time();
        sum += times[count++];
        warmUpQueries++;
      }
      return Latency.of(Arrays.copyOf(times, count)).p50Ms();
    }

    private boolean agree(double[] medians) {
      double least = Arrays.stream(medians).min().orElseThrow();
      double most = Arrays.stream(medians).max().orElseThrow();
      return most <= least * (1 + tolerance);
    }

    private double time() {
      long before = nanoTime.getAsLong();
      query.run();
      return (nanoTime.getAsLong() - before) / 1e6;
    }
  }
}
