package dev.expanse.core.dl4j;

import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Stochastic gradient descent with classical momentum: {@code v = momentum v + rate gradient}, and
 * the weights lose {@code v} (Polyak, 1964; Sutskever et al., "On the importance of initialization
 * and momentum in deep learning", 2013, equations 1 and 2). Deeplearning4j has Nesterov's alone.
 */
public final class Momentum extends ScheduledUpdater {
  private static final long serialVersionUID = 1L;
  private static final String VELOCITY = "V";

  @JsonProperty private final double momentum;

  /**
   * @param learningRate of each step
   * @param momentum the share of the velocity that a step keeps, from 0 to below 1
   */
  public Momentum(
      @JsonProperty("learningRate") ISchedule learningRate,
      @JsonProperty("momentum") double momentum) {
    super(learningRate);
    this.momentum = momentum;
  }

  @Override
  public long stateSize(long parameters) {
    return parameters;
  }

  @Override
  SlottedUpdater<Momentum> computation() {
    return new Computation(this);
  }

  @Override
  public IUpdater clone() {
    return new Momentum(learningRate().clone(), momentum);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Momentum o
        && o.momentum == momentum
        && o.learningRate().equals(learningRate());
  }

  @Override
  public int hashCode() {
    return Objects.hash(momentum, learningRate());
  }

  private static final class Computation extends SlottedUpdater<Momentum> {
    private Computation(Momentum config) {
      super(config, Map.of(VELOCITY, 0f));
    }

    @Override
    public void applyUpdater(INDArray gradient, int step, int epoch) {
      var velocity = slot(VELOCITY);
      velocity.muli(getConfig().momentum);
      velocity.addi(gradient.muli(getConfig().getLearningRate(step, epoch)));
      gradient.assign(velocity);
    }
  }
}
