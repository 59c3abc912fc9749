package dev.expanse.jobs.averaging;

import org.deeplearning4j.spark.api.TrainingResult;
import org.deeplearning4j.spark.api.stats.SparkTrainingStats;

/**
 * What one worker has after a round.
 *
 * @param images how many it has seen
 * @param loss sum over its images of the loss
 * @param values its parameters, with second moments where the batch norms' variances were, and
 *     behind them its updater's state; nothing if it has seen no image
 */
record RoundResult(long images, double loss, float[] values) implements TrainingResult {
  static final RoundResult NOTHING = new RoundResult(0, 0, new float[0]);

  @Override
  public void setStats(SparkTrainingStats stats) {
    throw new UnsupportedOperationException("Times of a round are in its RoundReport");
  }
}
