package dev.expanse.bench;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * What single operations of a round cost, in CPU time of this machine.
 *
 * @param values parameters of the network and values of its updater's state
 * @param floats the cost of copying them as a broadcast of Expanse does
 * @param slices the same as slices
 * @param arrays the same as Deeplearning4j's arrays
 * @param sum seconds of summing a byte that a worker has sent
 * @param task seconds that the driver works for a task more, of a job of many that do nothing
 */
record AveragingCosts(
    int values, Copying floats, Copying slices, Copying arrays, double sum, double task) {

  /**
   * From the heap to compressed bytes, and back.
   *
   * @param write seconds a byte
   * @param read seconds a byte
   */
  record Copying(double write, double read) {}

  /** Bytes of all values: what each worker is sent, and what it sends. */
  long bytes() {
    return (long) Float.BYTES * values;
  }

  /** What {@link #toString} wrote. */
  static AveragingCosts parse(String text) {
    var v = Arrays.stream(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
    return new AveragingCosts(
        (int) v[0],
        new Copying(v[1], v[2]),
        new Copying(v[3], v[4]),
        new Copying(v[5], v[6]),
        v[7],
        v[8]);
  }

  @Override
  public String toString() {
    return DoubleStream.of(
            values,
            floats.write,
            floats.read,
            slices.write,
            slices.read,
            arrays.write,
            arrays.read,
            sum,
            task)
        .mapToObj(String::valueOf)
        .collect(Collectors.joining(" "));
  }
}
