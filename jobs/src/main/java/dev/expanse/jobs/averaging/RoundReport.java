package dev.expanse.jobs.averaging;

import java.util.List;

/**
 * One round of averaging, as measured.
 *
 * @param steps of the worker that took most
 * @param images seen by all workers
 * @param loss cross entropy with the weight penalty, mean over the images
 * @param seconds all of it
 * @param computeSeconds time in training steps of the worker that took longest
 * @param inputSeconds time that this worker waited for minibatches
 * @param bytesMoved parameters and updater states sent to the workers, from worker to worker and
 *     back to the driver
 * @param locations where each worker ran, as Spark's scheduler names executors
 */
public record RoundReport(
    int steps,
    long images,
    double loss,
    double seconds,
    double computeSeconds,
    double inputSeconds,
    long bytesMoved,
    List<String> locations) {

  /** All that is neither computing nor waiting for minibatches. */
  public double averagingSeconds() {
    return Math.max(0, seconds - computeSeconds - inputSeconds);
  }

  static RoundReport of(List<WorkerReport> workers, double seconds, long bytesMoved) {
    long images = workers.stream().mapToLong(WorkerReport::images).sum();
    double loss = workers.stream().mapToDouble(WorkerReport::loss).sum();
    var slowest = workers.get(0);
    for (var worker : workers) {
      if (time(worker) > time(slowest)) {
        slowest = worker;
      }
    }
    return new RoundReport(
        workers.stream().mapToInt(WorkerReport::steps).max().orElseThrow(),
        images,
        loss / images,
        seconds,
        slowest.computeSeconds(),
        slowest.inputSeconds(),
        bytesMoved,
        workers.stream().map(WorkerReport::location).toList());
  }

  private static double time(WorkerReport worker) {
    return worker.computeSeconds() + worker.inputSeconds();
  }
}
