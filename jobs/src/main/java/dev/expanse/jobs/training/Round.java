package dev.expanse.jobs.training;

import dev.expanse.jobs.averaging.RoundReport;
import java.util.Locale;
import java.util.Optional;

/**
 * One round of averaging, when it is over.
 *
 * @param epoch from 1
 * @param number from 1, over the whole run
 * @param rounds rounds of the whole run
 * @param step steps of the run that each worker has taken since its beginning
 * @param images images seen since the beginning
 * @param loss cross entropy with the weight penalty; the mean over the round's images, or with
 *     Deeplearning4j's master over the workers' last minibatches
 * @param learningRate of the round's last step
 * @param seconds how long it took, decoding and averaging included
 * @param report where the time went; Deeplearning4j's master gives none
 */
public record Round(
    int epoch,
    int number,
    int rounds,
    long step,
    long images,
    double loss,
    double learningRate,
    double seconds,
    Optional<RoundReport> report) {

  /** How far a training is, in a line. */
  public String line(String name) {
    return String.format(
        Locale.ROOT, "%s: epoch %d, round %d of %d, loss %.2f", name, epoch, number, rounds, loss);
  }
}
