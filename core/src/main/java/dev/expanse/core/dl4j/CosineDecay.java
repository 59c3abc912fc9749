package dev.expanse.core.dl4j;

import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A learning rate that falls as half a cosine, from its first value to nothing at the end of the
 * training: {@code first (1 + cos(pi step / steps)) / 2} (Loshchilov, Hutter, "SGDR: Stochastic
 * Gradient Descent with Warm Restarts", 2017, equation 5, without restarts).
 */
public final class CosineDecay implements ISchedule {
  private static final long serialVersionUID = 1L;

  private final double first;
  private final int steps;

  /**
   * @param first the value at step 0
   * @param steps the step from which on the value is 0, at least 1
   * @throws IllegalArgumentException if {@code steps} is below 1
   */
  public CosineDecay(@JsonProperty("first") double first, @JsonProperty("steps") int steps) {
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
    return step < steps ? first * (1 + Math.cos(Math.PI * step / steps)) / 2 : 0;
  }

  @Override
  public ISchedule clone() {
    return new CosineDecay(first, steps);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CosineDecay o && o.first == first && o.steps == steps;
  }

  @Override
  public int hashCode() {
    return Double.hashCode(first) * 31 + steps;
  }
}
