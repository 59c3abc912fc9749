package dev.expanse.bench;

import dev.expanse.bench.AveragingCosts.Copying;
import dev.expanse.jobs.averaging.SliceWork;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * Where the time of a round would go on many workers, each an executor on a machine of its own: the
 * costs of single operations on a core, times how often they come one after another, and an assumed
 * network. Nothing overlaps, and links are not shared with others; so that it says too much rather
 * than too little, but for what it leaves out: congestion inside the network, failures, garbage
 * collection.
 *
 * @param costs measured
 * @param link assumed, of each machine
 * @param compute seconds of a worker's steps in a round, the mean, if nothing disturbs them
 * @param deviation standard deviation of that between the workers of a round, in seconds
 * @param ownFloor seconds beside the steps of a round of next to no values on two workers
 * @param stockFloor the same with Deeplearning4j's master
 */
record AveragingModel(
    AveragingCosts costs,
    Link link,
    double compute,
    double deviation,
    double ownFloor,
    double stockFloor) {
  private static final int MEASURED_TASKS = 3; // of a round of two workers and one slice

  /**
   * A machine's link.
   *
   * @param bytesPerSecond each way
   * @param latency seconds
   */
  record Link(double bytesPerSecond, double latency) {

    /** Seconds until so many bytes are there. */
    double seconds(double bytes) {
      return latency + bytes / bytesPerSecond;
    }
  }

  /**
   * Seconds of a round.
   *
   * @param compute of a worker's steps
   * @param broadcast parameters and updater's state from the driver to all workers
   * @param combine from the workers' values to sums: written, sent, read and added
   * @param collect from sums to values on the driver
   * @param scheduling tasks, and what a round costs that has next to no values
   * @param stragglers how much longer than the mean worker the slowest one takes
   */
  record Terms(
      double compute,
      double broadcast,
      double combine,
      double collect,
      double scheduling,
      double stragglers) {

    /** All that averaging adds, but for the wait for the slowest. */
    double averaging() {
      return broadcast + combine + collect + scheduling;
    }

    /** Its share of the round, as it is measured: of a round that the slowest worker makes. */
    double share() {
      return averaging() / (averaging() + compute + stragglers);
    }

    /** Averaging and wait, as a share of the round. */
    double overhead() {
      return 1 - compute / (averaging() + compute + stragglers);
    }
  }

  /** With the master of that kind. */
  Terms terms(AveragingKind kind, int workers) {
    return switch (kind) {
      case EXPANSE -> own(workers);
      case DL4J -> stock(workers);
    };
  }

  /**
   * Slices: each worker sends all its values, and a slice's task gets its share of all of them. If
   * there are fewer slices than workers, the links of those that sum are the narrow ones.
   */
  private Terms own(int workers) {
    double bytes = costs.bytes();
    int slices = SliceWork.count(costs.values(), workers);
    double received = bytes * workers / slices;
    double combine =
        bytes * costs.slices().write()
            + link.seconds(Math.max(bytes, received))
            + received * (costs.slices().read() + costs.sum());
    double collect =
        bytes / slices * costs.slices().write()
            + link.seconds(bytes)
            + bytes * costs.slices().read();
    double tasks = (workers + slices - MEASURED_TASKS) * costs.task();
    return new Terms(
        compute,
        broadcast(costs.floats(), workers),
        combine,
        collect,
        ownFloor + tasks,
        deviation * slowest(workers));
  }

  /**
   * Whole copies. Spark's {@code treeAggregate} of depth 2 sums those of about the square root of
   * the workers in one task, and the sums on the driver; those of few workers all on the driver.
   */
  private Terms stock(int workers) {
    int fan = Math.max(2, (int) Math.ceil(Math.sqrt(workers)));
    boolean tree = workers > fan + Math.ceil((double) workers / fan);
    int summing = tree ? workers / fan : 0;
    int copies = tree ? summing : workers;
    double levels = tree ? ceil(workers, summing) : 0;
    double combine = costs.bytes() * costs.arrays().write();
    if (tree) {
      combine += gather(levels) + costs.bytes() * costs.arrays().write();
    }
    double tasks = (workers + summing - 2) * costs.task();
    return new Terms(
        compute,
        broadcast(costs.arrays(), workers),
        combine,
        gather(copies),
        stockFloor + tasks,
        deviation * slowest(workers));
  }

  private static double ceil(int a, int b) {
    return Math.ceil((double) a / b);
  }

  /** Whole copies that one process is sent, reads and adds. */
  private double gather(double copies) {
    double bytes = copies * costs.bytes();
    return link.seconds(bytes) + bytes * (costs.arrays().read() + costs.sum());
  }

  /**
   * A torrent, taken as rounds: the driver sends all of it once, and then all who have it send it
   * to one more each.
   */
  private double broadcast(Copying copying, int workers) {
    double bytes = costs.bytes();
    double rounds = 1 + Math.ceil(Math.log(workers) / Math.log(2));
    return bytes * (copying.write() + copying.read()) + rounds * link.seconds(bytes);
  }

  /**
   * How many standard deviations above the mean the greatest of so many normal values is expected,
   * by Blom's approximation (Blom, "Statistical Estimates and Transformed Beta-Variables", 1958):
   * the quantile of {@code (n - 3/8) / (n + 1/4)}.
   */
  static double slowest(int workers) {
    return workers == 1
        ? 0
        : new NormalDistribution()
            .inverseCumulativeProbability((workers - 0.375) / (workers + 0.25));
  }
}
