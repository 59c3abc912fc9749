package dev.expanse.core.dl4j;

import java.util.Objects;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A learning rate that grows by the same amount every step, up to the first value of another
 * schedule, which begins then (Goyal et al., "Accurate, Large Minibatch SGD", 2017, section 2.2).
 * Deeplearning4j's own {@code RampSchedule} scales its schedule while that goes on already, is
 * equal to no other, so that every layer would be updated by itself, and cannot be read from JSON.
 */
public final class WarmUp implements ISchedule {
  private static final long serialVersionUID = 1L;

  private final int steps;
  private final ISchedule then;

  /**
   * @param steps how many steps it takes, at least 1; the last one of them has the full value
   * @param then what follows, counting its steps from 0
   * @throws IllegalArgumentException if {@code steps} is below 1
   */
  public WarmUp(@JsonProperty("steps") int steps, @JsonProperty("then") ISchedule then) {
    if (steps < 1) {
      throw new IllegalArgumentException("Cannot warm up over " + steps + " steps");
    }
    this.steps = steps;
    this.then = then;
  }

  /** How many steps it takes. */
  @JsonProperty("steps")
  public int steps() {
    return steps;
  }

  /** What follows. */
  @JsonProperty("then")
  public ISchedule then() {
    return then;
  }

  @Override
  public double valueAt(int step, int epoch) {
    return step < steps
        ? then.valueAt(0, epoch) * (step + 1) / steps
        : then.valueAt(step - steps, epoch);
  }

  @Override
  public ISchedule clone() {
    return new WarmUp(steps, then.clone());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WarmUp o && o.steps == steps && o.then.equals(then);
  }

  @Override
  public int hashCode() {
    return Objects.hash(steps, then);
  }
}
