package dev.expanse.core.dl4j;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarAdd;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * RMSProp with momentum, as TensorFlow's {@code RMSPropOptimizer} computes it and the MobileNet
 * papers use it:
 *
 * <pre>{@code
 * s = decay s + (1 - decay) gradient^2
 * m = momentum m + rate gradient / sqrt(s + epsilon)
 * }</pre>
 *
 * and the weights lose {@code m}. As there, {@code s} begins with 1 and {@code m} with 0, and
 * epsilon is inside the root. (Deeplearning4j's {@code RmsProp} has no momentum, begins with
 * epsilon and has it outside.)
 */
public final class RmsPropMomentum extends ScheduledUpdater {
  private static final long serialVersionUID = 1L;
  private static final String SQUARES = "S";
  private static final String MOMENTUM = "M";

  @JsonProperty private final double decay;
  @JsonProperty private final double momentum;
  @JsonProperty private final double epsilon;

  /**
   * @param learningRate of each step
   * @param decay the share of the old mean square that a step keeps, from 0 to below 1
   * @param momentum the share of the last update that a step repeats, from 0 to below 1
   * @param epsilon added to the mean square, above 0
   */
  public RmsPropMomentum(
      @JsonProperty("learningRate") ISchedule learningRate,
      @JsonProperty("decay") double decay,
      @JsonProperty("momentum") double momentum,
      @JsonProperty("epsilon") double epsilon) {
    super(learningRate);
    this.decay = decay;
    this.momentum = momentum;
    this.epsilon = epsilon;
  }

  @Override
  public long stateSize(long parameters) {
    return 2 * parameters;
  }

  @Override
  SlottedUpdater<RmsPropMomentum> computation() {
    return new Computation(this);
  }

  @Override
  public IUpdater clone() {
    return new RmsPropMomentum(learningRate().clone(), decay, momentum, epsilon);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RmsPropMomentum o
        && o.decay == decay
        && o.momentum == momentum
        && o.epsilon == epsilon
        && o.learningRate().equals(learningRate());
  }

  @Override
  public int hashCode() {
    return Objects.hash(decay, momentum, epsilon, learningRate());
  }

  private static Map<String, Float> slots() {
    var slots = new LinkedHashMap<String, Float>();
    slots.put(SQUARES, 1f);
    slots.put(MOMENTUM, 0f);
    return slots;
  }

  private static final class Computation extends SlottedUpdater<RmsPropMomentum> {
    private Computation(RmsPropMomentum config) {
      super(config, slots());
    }

    @Override
    public void applyUpdater(INDArray gradient, int step, int epoch) {
      var config = getConfig();
      var squares = slot(SQUARES);
      var momentum = slot(MOMENTUM);
      // in the workspace that Deeplearning4j opens for updaters, where nothing is allocated anew
      var scratch = gradient.mul(gradient);
      squares.muli(config.decay).addi(scratch.muli(1 - config.decay));
      Nd4j.exec(new ScalarAdd(squares, null, scratch, config.epsilon));
      Transforms.sqrt(scratch, false);
      gradient.divi(scratch).muli(config.getLearningRate(step, epoch));
      momentum.muli(config.momentum).addi(gradient);
      gradient.assign(momentum);
    }
  }
}
