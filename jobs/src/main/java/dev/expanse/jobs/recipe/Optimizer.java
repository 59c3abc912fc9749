package dev.expanse.jobs.recipe;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Momentum;
import dev.expanse.core.dl4j.RmsPropMomentum;
import dev.expanse.core.dl4j.WeightPenalty;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.schedule.ISchedule;

/** The rule by which a step changes the weights. */
public sealed interface Optimizer extends Serializable {

  /** The rule, at the learning rates of a schedule. */
  IUpdater updater(ISchedule learningRate);

  /** A weight decay, as the rule's authors mean it. */
  default WeightPenalty penalty(double weightDecay) {
    return WeightPenalty.l2(weightDecay);
  }

  /** Its keys and values below {@code optimizer}. */
  Map<String, Object> entries();

  /**
   * Stochastic gradient descent.
   *
   * @param momentum the share of the velocity that a step keeps; 0 for none
   * @param nesterov whether it is Nesterov's momentum, or the classical one
   */
  record Sgd(double momentum, boolean nesterov) implements Optimizer {
    static final String NAME = "sgd";

    @Override
    public IUpdater updater(ISchedule learningRate) {
      if (momentum == 0) {
        return new org.nd4j.linalg.learning.config.Sgd(learningRate);
      }
      return nesterov
          ? new Nesterovs(learningRate, momentum)
          : new Momentum(learningRate, momentum);
    }

    @Override
    public Map<String, Object> entries() {
      return named(NAME, Map.of("momentum", momentum, "nesterov", nesterov));
    }
  }

  /** TensorFlow's RMSProp with momentum: see {@link RmsPropMomentum}. */
  record RmsProp(double decay, double momentum, double epsilon) implements Optimizer {
    static final String NAME = "rmsprop";

    @Override
    public IUpdater updater(ISchedule learningRate) {
      return new RmsPropMomentum(learningRate, decay, momentum, epsilon);
    }

    @Override
    public Map<String, Object> entries() {
      return named(NAME, Map.of("decay", decay, "momentum", momentum, "epsilon", epsilon));
    }
  }

  /**
   * Adam with decoupled weight decay (Loshchilov, Hutter, 2019).
   *
   * @param beta1 the share of the old mean gradient that a step keeps
   * @param beta2 the share of the old mean square that a step keeps
   * @param epsilon added to the root of the mean square
   */
  record AdamW(double beta1, double beta2, double epsilon) implements Optimizer {
    static final String NAME = "adamw";

    @Override
    public IUpdater updater(ISchedule learningRate) {
      var adam = new Adam(Double.NaN, beta1, beta2, epsilon);
      adam.setLearningRateSchedule(learningRate);
      return adam;
    }

    @Override
    public WeightPenalty penalty(double weightDecay) {
      return new WeightPenalty(weightDecay, true);
    }

    @Override
    public Map<String, Object> entries() {
      return named(NAME, Map.of("beta1", beta1, "beta2", beta2, "epsilon", epsilon));
    }
  }

  private static Map<String, Object> named(String name, Map<String, Object> values) {
    var entries = new LinkedHashMap<String, Object>();
    entries.put("name", name);
    entries.putAll(new java.util.TreeMap<>(values));
    return entries;
  }

  /**
   * Reads the object {@code optimizer}.
   *
   * @throws InvalidInputException if it has a key that the optimizer of that name doesn't know, or
   *     a value out of range
   */
  static Optimizer read(Settings settings) {
    var name = settings.choice("name", Sgd.NAME, Set.of(Sgd.NAME, RmsProp.NAME, AdamW.NAME));
    switch (name) {
      case RmsProp.NAME -> {
        settings.onlyKeys("name", "decay", "momentum", "epsilon");
        return new RmsProp(
            settings.number("decay", 0, 0.99999, 0.9),
            settings.number("momentum", 0, 0.9999, 0.9),
            settings.number("epsilon", 1e-12, 1e3, 1.0));
      }
      case AdamW.NAME -> {
        settings.onlyKeys("name", "beta1", "beta2", "epsilon");
        return new AdamW(
            settings.number("beta1", 0, 0.9999, 0.9),
            settings.number("beta2", 0, 0.99999, 0.999),
            settings.number("epsilon", 1e-12, 1e3, 1e-8));
      }
      default -> {
        settings.onlyKeys("name", "momentum", "nesterov");
        return new Sgd(
            settings.number("momentum", 0, 0.9999, 0.9), settings.flag("nesterov", true));
      }
    }
  }
}
