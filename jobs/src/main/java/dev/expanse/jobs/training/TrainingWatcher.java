package dev.expanse.jobs.training;

import java.util.OptionalDouble;
import java.util.function.Supplier;

/** Is told how a training goes; of all but the rounds only if it wants to be. */
@FunctionalInterface
public interface TrainingWatcher {
  /** A round is over. */
  void round(Round round);

  /** The network was evaluated on the way. */
  default void evaluated(Evaluated evaluation) {}

  /**
   * A round is over, and what there is to say of it has been said: a training can go on from here.
   *
   * @param last whether it was the last round
   * @param top1 on the split {@code val}, if it was evaluated after this round
   * @param state makes a copy of all that a training needs to go on
   */
  default void resumable(
      Round round, boolean last, OptionalDouble top1, Supplier<TrainingState> state) {}
}
