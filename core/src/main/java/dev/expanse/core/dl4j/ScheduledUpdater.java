package dev.expanse.core.dl4j;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * An updater with a learning rate, such as Deeplearning4j lacks. Its fields are its JSON; updaters
 * that are equal update neighbouring parameters as one array.
 */
abstract class ScheduledUpdater implements IUpdater {
  private static final long serialVersionUID = 1L;

  @JsonProperty private ISchedule learningRate;

  ScheduledUpdater(ISchedule learningRate) {
    this.learningRate = learningRate;
  }

  /** What computes it, without its state. */
  abstract SlottedUpdater<?> computation();

  final ISchedule learningRate() {
    return learningRate;
  }

  @Override
  public final GradientUpdater<?> instantiate(INDArray view, boolean initialize) {
    var computation = computation();
    computation.setStateViewArray(view, view.shape(), view.ordering(), initialize);
    return computation;
  }

  @Override
  public final GradientUpdater<?> instantiate(Map<String, INDArray> state, boolean initialize) {
    var computation = computation();
    computation.setState(state, initialize);
    return computation;
  }

  @Override
  public final double getLearningRate(int step, int epoch) {
    return learningRate.valueAt(step, epoch);
  }

  @Override
  public final boolean hasLearningRate() {
    return true;
  }

  @Override
  public final void setLrAndSchedule(double rate, ISchedule schedule) {
    learningRate = schedule == null ? new FixedSchedule(rate) : schedule;
  }

  @Override
  public abstract IUpdater clone();

  @Override
  public abstract boolean equals(Object other);

  @Override
  public abstract int hashCode();
}
