package dev.expanse.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * One round of two workers, as measured from outside the master. Bytes are those that Spark has
 * counted, after compression.
 *
 * @param seconds all of it
 * @param slowSteps seconds in steps of the worker that spent most in them
 * @param fastSteps seconds in steps of the other
 * @param firstCpu CPU seconds of the thread that took the first worker's steps
 * @param secondCpu the same of the second worker
 * @param jobs seconds of Spark's jobs; the rest was on the driver, before and after them
 * @param firstStage seconds of the stage in which the workers take their steps
 * @param laterStages seconds of the others
 * @param bytesOut broadcast to the executors
 * @param bytesAcross written to be shuffled among executors
 * @param bytesBack results of tasks, sent to the driver
 */
record AveragedRound(
    double seconds,
    double slowSteps,
    double fastSteps,
    double firstCpu,
    double secondCpu,
    double jobs,
    double firstStage,
    double laterStages,
    double bytesOut,
    double bytesAcross,
    double bytesBack) {

  /** The mean of both workers' time in steps, in seconds. */
  double steps() {
    return (slowSteps + fastSteps) / 2;
  }

  /** Seconds that a worker waits for the slower one, on average over the workers. */
  double waiting() {
    return slowSteps - steps();
  }

  /** Seconds of the round that none of the steps explains. */
  double averaging() {
    return seconds - slowSteps;
  }

  /** The share of {@link #averaging} in the round. */
  double share() {
    return averaging() / seconds;
  }

  /** The mean of both workers' CPU seconds in steps. */
  double cpu() {
    return (firstCpu + secondCpu) / 2;
  }

  /**
   * The standard deviation between two workers of the same round, over rounds: the root of the mean
   * of the rounds' unbiased variances.
   *
   * @param difference between the two workers of a round
   */
  static double deviation(List<AveragedRound> rounds, ToDoubleFunction<AveragedRound> difference) {
    return Math.sqrt(
        rounds.stream()
            .mapToDouble(difference)
            .map(value -> value * value / 2)
            .average()
            .orElseThrow());
  }

  /** The median of a figure over rounds. */
  static double median(List<AveragedRound> rounds, ToDoubleFunction<AveragedRound> figure) {
    return Percentiles.of(rounds.stream().mapToDouble(figure).boxed().toList()).median();
  }

  /** What {@link #toString} wrote. */
  static AveragedRound parse(String text) {
    var v = Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
    return new AveragedRound(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10]);
  }

  @Override
  public String toString() {
    return DoubleStream.of(
            seconds,
            slowSteps,
            fastSteps,
            firstCpu,
            secondCpu,
            jobs,
            firstStage,
            laterStages,
            bytesOut,
            bytesAcross,
            bytesBack)
        .mapToObj(value -> String.format(Locale.ROOT, "%.4f", value))
        .collect(Collectors.joining(" "));
  }
}
