package dev.expanse.jobs.averaging;

import dev.expanse.core.dl4j.RunningStatistics;
import dev.expanse.jobs.recipe.Averaging.Outer;
import dev.expanse.jobs.recipe.Averaging.Outer.Kind;

/**
 * What a round does with the average of the workers' parameters. Plain averaging takes it as it is.
 * With momentum, the difference that a round made is taken for a gradient (Wang et al., "SlowMo",
 * ICLR 2020, algorithm 1; Douillard et al., "DiLoCo", 2023, algorithm 1): {@code velocity =
 * momentum x velocity + (before - average)}, and the parameters go {@code learning rate x velocity}
 * down, or with Nesterov's momentum {@code learning rate x (before - average + momentum x
 * velocity)}. Batch norms' statistics are always the average's.
 */
public final class OuterOptimizer {
  private final Outer rule;
  private float[] velocity = {};

  /** A rule, as a recipe has it, that has not moved anything yet. */
  public OuterOptimizer(Outer rule) {
    this.rule = rule;
  }

  /** Plain averaging. */
  public static OuterOptimizer average() {
    return new OuterOptimizer(Outer.AVERAGE);
  }

  /** Its state, which a training needs to go on: as long as the parameters, or empty. */
  public float[] velocity() {
    return velocity.clone();
  }

  /** Goes on with a {@link #velocity} of before. */
  public void setVelocity(float[] values) {
    velocity = values.clone();
  }

  /**
   * The parameters with which the next round begins.
   *
   * @param before those that the round began with
   * @param average of the workers' parameters
   * @param statistics where batch norms' statistics are among them
   */
  float[] step(float[] before, float[] average, RunningStatistics statistics) {
    if (rule.kind() == Kind.AVERAGE) {
      return average;
    }
    if (velocity.length == 0) {
      velocity = new float[before.length];
    }
    var next = new float[before.length];
    for (int i = 0; i < next.length; i++) {
      double difference = (double) before[i] - average[i];
      double kept = rule.momentum() * velocity[i] + difference;
      double down = rule.kind() == Kind.NESTEROV ? difference + rule.momentum() * kept : kept;
      velocity[i] = (float) kept;
      next[i] = (float) (before[i] - rule.learningRate() * down);
    }
    statistics.copy(average, next);
    return next;
  }
}
