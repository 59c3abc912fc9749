package dev.expanse.core.dl4j;

import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A learning rate that falls on a line, from its first value to nothing at the end of the training.
 * (Deeplearning4j's own {@code PolySchedule} grows: it adds where it should subtract.)
 */
public final class LinearDecay implements ISchedule {
  private static final long serialVersionUID = 1L;

  private final double first;
  private final int steps;

  /**
   * @param first the value at step 0
   * @param steps the step from which on the value is 0, at least 1
   * @throws IllegalArgumentException if {@code steps} is below 1
   */
  public LinearDecay(@JsonProperty("first") double first, @JsonProperty("steps") int steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("Cannot decay over " + steps + " steps");
    }
    this.first = first;
    this.steps = steps;
  }

  /** The value at step 0. */
  @JsonProperty("first")
  public double first() {
    return first;
  }

  /** The step from which on the value is 0. */
  @JsonProperty("steps")
  public int steps() {
    return steps;
  }

  @Override
  public double valueAt(int step, int epoch) {
    return first * Math.max(0, steps - step) / steps;
  }

  @Override
  public ISchedule clone() {
    return new LinearDecay(first, steps);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LinearDecay o && o.first == first && o.steps == steps;
  }

  @Override
  public int hashCode() {
    return Double.hashCode(first) * 31 + steps;
  }
}
