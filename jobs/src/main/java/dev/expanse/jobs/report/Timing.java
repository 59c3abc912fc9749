package dev.expanse.jobs.report;

import java.util.Comparator;
import java.util.List;

/**
 * A way in which latency was measured.
 *
 * @param engine what computed
 * @param batch images a query
 * @param threads threads of a query
 * @param processor the name of the processor or GPU that computed
 */
public record Timing(String engine, int batch, int threads, String processor)
    implements Comparable<Timing> {
  private static final Comparator<Timing> ORDER =
      Comparator.comparingInt(Timing::batch)
          .thenComparingInt(Timing::threads)
          .thenComparing(Timing::engine)
          .thenComparing(Timing::processor);

  /**
   * Latencies of a query, in milliseconds; NaN where they are unknown.
   *
   * @param p50 the median
   * @param p90 the 90th percentile
   * @param noise by how much the machine was slower than at its fastest, as a share, if that was
   *     too much for it to be quiet; else 0
   */
  public record Latency(double p50, double p90, double noise) {}

  @Override
  public int compareTo(Timing other) {
    return ORDER.compare(this, other);
  }

  /** Its engine, and what else tells it from others. */
  public String among(List<Timing> others) {
    var text = new StringBuilder(engine);
    if (others.stream().anyMatch(other -> other.threads != threads)) {
      text.append(", ").append(threads).append(threads == 1 ? " thread" : " threads");
    }
    var processors =
        others.stream()
            .filter(other -> other.engine.equals(engine))
            .map(Timing::processor)
            .filter(other -> !other.equals(processor))
            .toList();
    if (!processors.isEmpty()) {
      boolean ambiguous = processors.stream().map(Timing::brief).anyMatch(brief(processor)::equals);
      text.append(", ").append(ambiguous ? processor : brief(processor));
    }
    return text.toString();
  }

  /** A processor's name in a title: without trademarks, the number of cores and the clock. */
  private static String brief(String processor) {
    return processor.replaceAll("\\((R|TM)\\)|( \\d+-Core)? Processor.*| CPU(?= )| @ .*", "");
  }

  /** For people. */
  @Override
  public String toString() {
    return "%s, batch %d, %d thread%s, %s"
        .formatted(engine, batch, threads, threads == 1 ? "" : "s", processor);
  }
}
