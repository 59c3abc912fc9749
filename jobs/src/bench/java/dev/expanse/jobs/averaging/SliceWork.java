package dev.expanse.jobs.averaging;

import java.util.List;
import java.util.stream.IntStream;

/** What the slices of {@link AveragingMaster} are and cost, for benchmarks. */
public final class SliceWork {
  private SliceWork() {}

  /** How many slices that many values are cut into. */
  public static int count(int values, int workers) {
    return Slices.of(values, workers).count();
  }

  /**
   * Averages the values of so many workers in one task.
   *
   * @return bytes of all shares that were summed
   */
  public static long average(float[] values, int workers) {
    var slices = new Slices(values.length, 1);
    var shares =
        IntStream.range(0, workers)
            .mapToObj(w -> new WorkerReport(w, 1, 1, 0, 0, 0, ""))
            .flatMap(report -> slices.cut(report, values).stream())
            .toList();
    var average = Slices.average(0, List.copyOf(shares));
    return (long) workers * average.bytes().length;
  }
}
