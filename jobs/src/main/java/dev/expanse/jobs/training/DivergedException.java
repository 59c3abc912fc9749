package dev.expanse.jobs.training;

import java.util.Locale;

/** The loss of a training is no number any more, or far above what it began with. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * A loss that no further round will mend.
   *
   * @param first the loss of the first round
   */
  DivergedException(Round round, double first) {
    super(
        String.format(
            Locale.ROOT,
            "the loss is %.4g after round %d (epoch %d), and was %.4g after the first: a lower"
                + " learning rate, a longer warm-up or gradient clipping may help",
            round.loss(),
            round.number(),
            round.epoch(),
            first));
  }
}
