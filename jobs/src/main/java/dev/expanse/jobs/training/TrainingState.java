package dev.expanse.jobs.training;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.jobs.checkpoint.Checkpoint;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All that a training needs to go on after a round as if nothing had happened. Random numbers are
 * no part of it: each is drawn from a seed that the training's own, the epoch and the step make.
 *
 * @param training tells it from others in tables
 * @param identity what makes it take its steps
 * @param progress how far it is
 * @param parameters flat, in Deeplearning4j's order
 * @param updater the updater's state, flat
 * @param velocity of the outer optimizer, or empty
 * @param average the exponential moving average of the parameters, or empty
 * @param best the parameters with the best top-1 so far, or empty
 */
public record TrainingState(
    String training,
    Identity identity,
    Progress progress,
    float[] parameters,
    float[] updater,
    float[] velocity,
    float[] average,
    float[] best) {

  /**
   * How far a training is.
   *
   * @param round rounds that are over
   * @param firstLoss loss of the first round
   * @param bestTop1 the best top-1 so far, or -1 before any evaluation
   * @param worse evaluations since the best one
   */
  public record Progress(int round, double firstLoss, double bestTop1, int worse) {
    static final Progress BEGINNING = new Progress(0, Double.NaN, -1, 0);

    Progress after(Round finished) {
      return new Progress(
          finished.number(), round == 0 ? finished.loss() : firstLoss, bestTop1, worse);
    }

    Progress evaluated(double top1) {
      return top1 > bestTop1
          ? new Progress(round, firstLoss, top1, 0)
          : new Progress(round, firstLoss, bestTop1, worse + 1);
    }
  }

  /** As it is kept on disk. */
  public Checkpoint toCheckpoint() {
    var description =
        String.join(
            "\n",
            "training = \"" + training + "\"",
            identity.toHocon(),
            "round = " + progress.round(),
            "first-loss = " + progress.firstLoss(),
            "best-top1 = " + progress.bestTop1(),
            "evaluations-since-best = " + progress.worse(),
            "");
    var arrays = new LinkedHashMap<String, float[]>();
    arrays.put("parameters", parameters);
    arrays.put("updater", updater);
    arrays.put("velocity", velocity);
    arrays.put("average", average);
    arrays.put("best", best);
    return new Checkpoint(description, progress.round(), arrays);
  }

  /**
   * Reads what {@link #toCheckpoint} made.
   *
   * @param name of the checkpoint, for messages
   * @throws InvalidInputException if it is of something else
   */
  public static TrainingState of(Checkpoint checkpoint, String name) {
    var settings = Settings.parse(checkpoint.description(), name);
    return new TrainingState(
        settings.text("training"),
        Identity.read(settings),
        new Progress(
            settings.integer("round", 1, Integer.MAX_VALUE),
            Double.parseDouble(settings.text("first-loss")),
            settings.number("best-top1", -1, 1),
            settings.integer("evaluations-since-best", 0, Integer.MAX_VALUE)),
        array(checkpoint.arrays(), "parameters", name),
        array(checkpoint.arrays(), "updater", name),
        array(checkpoint.arrays(), "velocity", name),
        array(checkpoint.arrays(), "average", name),
        array(checkpoint.arrays(), "best", name));
  }

  private static float[] array(Map<String, float[]> arrays, String key, String name) {
    if (!arrays.containsKey(key)) {
      throw InvalidInputException.of("%s: has no %s, expected a training's checkpoint", name, key);
    }
    return arrays.get(key);
  }
}
