package dev.expanse.jobs.input;

import dev.expanse.core.image.BatchLoader;
import dev.expanse.core.image.Normalization;
import dev.expanse.jobs.recipe.Recipe;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;

/**
 * All that a worker needs to make its minibatches.
 *
 * @param run what tells this training from others
 * @param plan which images it sees when
 * @param epochs the last epoch, from 1
 * @param recipe how images are augmented
 * @param side of the network's images, in pixels
 * @param classes labels are below it
 * @param threads that decode, in each worker
 */
public record TrainingInput(
    String run, EpochPlan plan, int epochs, Recipe recipe, int side, int classes, int threads)
    implements Serializable {
  /** Batches that are decoded before a step asks for them. */
  public static final int BATCHES_AHEAD = 2;

  /**
   * A step of a worker.
   *
   * @param worker from 0
   * @param epoch from 1
   * @param step in the epoch, from 0
   */
  public record Step(int worker, int epoch, int step) implements Serializable {}

  /** Begins to decode, at a step. */
  public BatchLoader load(Step from, Configuration hadoop) {
    var minibatches =
        new WorkerMinibatches(
            plan, from.worker(), epochs, from.epoch(), from.step(), classes, hadoop);
    return new BatchLoader(
        minibatches,
        new BatchLoader.Plan(
            recipe.trainingTransform(side),
            Normalization.IMAGENET,
            side,
            plan.batch(),
            threads,
            BATCHES_AHEAD));
  }

  /** How labels are softened and images mixed. */
  Mixing mixing() {
    return new Mixing(recipe.regularization().labelSmoothing(), recipe.regularization().mixup());
  }

  /** The seed of a minibatch's chance decisions. */
  long seed(Step at) {
    return Seeds.mix(plan.seed(at.epoch(), ~at.worker()), at.step()); // images count from 0 upwards
  }

  /** The worker's next step with images, which may lie behind the last epoch. */
  Step after(Step at) {
    int next = at.step() + 1;
    return plan.before(at.worker(), next) < plan.images(at.worker())
        ? new Step(at.worker(), at.epoch(), next)
        : new Step(at.worker(), at.epoch() + 1, 0);
  }
}
