package dev.expanse.core.latency;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;
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
 * <p>Every quarter of a second, and after at least eight queries, it is asked how quiet the machine
 * is. Queries between two answers count if both say that it is <b>quiet</b>. What decides is
 * another network's latency, never that of the queries, so that a network's own slow queries count.
 * Once disturbed queries have taken as long as patience lasts, all count.
 *
 * @param queries at least so many are counted
 * @param seconds they take at least so long, together
 * @param warmUpSeconds warm-up ends after so long; 0 for none
 * @param tolerance the largest relative difference of the medians of windows that agree
 * @param quietWithin the largest slowdown of a quiet machine: 0.15 is 15% slower than at its best
 * @param patienceSeconds that disturbed queries may take, together; 0: all count
 */
public record LatencyProtocol(
    int queries,
    double seconds,
    double warmUpSeconds,
    double tolerance,
    double quietWithin,
    double patienceSeconds)
    implements Serializable {
  private static final int WINDOWS = 3;
  private static final int WINDOW_QUERIES = 8;
  private static final double WINDOW_SECONDS = 0.1;
  private static final int SEGMENT_QUERIES = 8;
  private static final double SEGMENT_SECONDS = 0.25;
  private static final double NANOS = 1e9;

  /**
   * What was measured.
   *
   * @param latency of the queries that were counted
   * @param warmUpQueries how many there were before
   * @param steady whether latency was steady when they ended
   * @param quiet whether the machine was quiet during all queries that were counted
   * @param disturbedQueries how many were not counted because it was not
   * @param noise the machine's largest slowdown beside the queries that were counted
   */
  public record Measured(
      Latency latency,
      int warmUpQueries,
      boolean steady,
      boolean quiet,
      int disturbedQueries,
      double noise)
      implements Serializable {}

  /** A protocol; numbers out of range are refused. */
  public LatencyProtocol {
    var times = List.of(seconds, warmUpSeconds, patienceSeconds);
    var shares = List.of(tolerance, quietWithin);
    if (queries < 1
        || times.stream().anyMatch(time -> !(time >= 0))
        || shares.stream().anyMatch(share -> !(share > 0))) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Cannot measure %d queries for %s seconds, with %s of warm-up and %s of patience,"
                  + " steady within %s and quiet within %s",
              queries,
              seconds,
              warmUpSeconds,
              patienceSeconds,
              tolerance,
              quietWithin));
    }
  }

  /** The keys that {@link #read} knows. */
  public static List<String> keys() {
    return List.of(
        "queries",
        "seconds",
        "warm-up-seconds",
        "steady-within",
        "quiet-within",
        "patience-seconds");
  }

  /**
   * Reads the {@link #keys} of settings; what is left out is 1,024 queries after at most five
   * seconds of warm-up.
   *
   * @throws InvalidInputException if a value is out of range
   */
  public static LatencyProtocol read(Settings settings) {
    return new LatencyProtocol(
        settings.integer("queries", 1, 100_000_000, 1024),
        settings.number("seconds", 0, 1e6, 0),
        settings.number("warm-up-seconds", 0, 1e6, 5),
        settings.number("steady-within", 1e-6, 1e6, 0.03),
        settings.number("quiet-within", 1e-6, 1e6, 0.15),
        settings.number("patience-seconds", 0, 1e6, 10));
  }

  /** The settings on one line, which {@link #read} reads to an equal protocol. */
  public String toHocon() {
    return String.format(
        Locale.ROOT,
        "queries = %d, seconds = %s, warm-up-seconds = %s, steady-within = %s, quiet-within = %s,"
            + " patience-seconds = %s",
        queries,
        seconds,
        warmUpSeconds,
        tolerance,
        quietWithin,
        patienceSeconds);
  }

  /**
   * Measures.
   *
   * @param query is answered when it returns
   * @param slowdown how much slower than at its best the machine is now, such as {@link
   *     Calibration#slowdown}
   * @param watcher told after each query, outside the measured time, which share of all is done, as
   *     far as can be said
   */
  public Measured measure(Runnable query, DoubleSupplier slowdown, DoubleConsumer watcher) {
    return new Clock(query, slowdown, watcher, System::nanoTime).measure();
  }

  /** As {@link #measure(Runnable, DoubleSupplier, DoubleConsumer)}, by another clock. */
  Measured measure(
      Runnable query, DoubleSupplier slowdown, DoubleConsumer watcher, LongSupplier nanoTime) {
    return new Clock(query, slowdown, watcher, nanoTime).measure();
  }

  /** One measurement. */
  private final class Clock {
    private final Runnable query;
    private final DoubleSupplier slowdown;
    private final DoubleConsumer watcher;
    private final LongSupplier nanoTime;
    private final long start;
    private int warmUpQueries;
    private double[] counted = new double[queries];
    private int count;
    private double countedSeconds;
    private int disturbed;
    private double disturbedSeconds;
    private double noise;

    private Clock(
        Runnable query, DoubleSupplier slowdown, DoubleConsumer watcher, LongSupplier nanoTime) {
      this.query = query;
      this.slowdown = slowdown;
      this.watcher = watcher;
      this.nanoTime = nanoTime;
      this.start = nanoTime.getAsLong();
    }

    private Measured measure() {
      boolean steady = warmUp();
      double before = slowdown.getAsDouble();
      while (!isEnough(0, 0)) {
        query.run(); // finds the caches as the question before has left them
        var segment = segment();
        double after = slowdown.getAsDouble();
        count(segment, Math.max(before, after));
        before = after;
      }
      var latency = Latency.of(Arrays.copyOf(counted, count));
      return new Measured(latency, warmUpQueries, steady, noise <= quietWithin, disturbed, noise);
    }

    private boolean isEnough(int moreQueries, double moreSeconds) {
      return count + moreQueries >= queries && countedSeconds + moreSeconds >= seconds;
    }

    /** Times of queries between two questions for the machine, in milliseconds. */
    private double[] segment() {
      var times = new double[SEGMENT_QUERIES];
      int length = 0;
      double passed = 0;
      long begin = nanoTime.getAsLong();
      while ((length < SEGMENT_QUERIES || passed < SEGMENT_SECONDS) && !isEnough(length, passed)) {
        times = length == times.length ? Arrays.copyOf(times, 2 * length) : times;
        times[length++] = time();
        passed = (nanoTime.getAsLong() - begin) / NANOS;
        watcher.accept(share(length, passed));
      }
      return Arrays.copyOf(times, length);
    }

    private double share(int moreQueries, double moreSeconds) {
      double done = (nanoTime.getAsLong() - start) / NANOS;
      double passed = countedSeconds + moreSeconds;
      double each = passed / (count + moreQueries);
      double left = Math.max(each * (queries - count - moreQueries), seconds - passed);
      return done / (done + Math.max(0, left));
    }

    private void count(double[] segment, double slowest) {
      double took = Arrays.stream(segment).sum() / 1e3;
      if (slowest > quietWithin && disturbedSeconds < patienceSeconds) {
        disturbed += segment.length;
        disturbedSeconds += took;
        return;
      }
      if (count + segment.length > counted.length) {
        counted = Arrays.copyOf(counted, 2 * (count + segment.length));
      }
      System.arraycopy(segment, 0, counted, count, segment.length);
      count += segment.length;
      countedSeconds += took;
      noise = Math.max(noise, slowest);
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
