package dev.expanse.jobs.evaluation;

import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.recipe.Recipe;
import java.time.Instant;
import java.util.Optional;

/**
 * One evaluation, as {@link EvaluationTables} keeps it.
 *
 * @param subject what was evaluated
 * @param moment when in training; empty for a finished model
 * @param counts what was counted
 * @param startedAt when the evaluation began
 * @param seconds how long it took
 */
public record Evaluation(
    Subject subject,
    Optional<Moment> moment,
    EvaluationCounts counts,
    Instant startedAt,
    double seconds) {

  /**
   * What is evaluated on what.
   *
   * @param model where the model is
   * @param network the network
   * @param recipe how it was trained, and what of an image is evaluated
   * @param datasetName the dataset as the user named it
   * @param dataset the dataset
   * @param split its split
   * @param compute what a task computes with
   */
  public record Subject(
      String model,
      NetworkSpec network,
      Recipe recipe,
      String datasetName,
      Dataset dataset,
      String split,
      Compute compute) {}

  /**
   * How far training was.
   *
   * @param training tells the training from others, as in the table of the rounds
   * @param epoch the epoch, as in the table of the rounds
   * @param round the round, as there
   * @param imagesSeen training images seen by then
   */
  public record Moment(String training, int epoch, int round, long imagesSeen) {}
}
