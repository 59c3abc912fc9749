package dev.expanse.jobs.training;

import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.input.EpochPlan;
import dev.expanse.jobs.input.TrainingInput;
import dev.expanse.jobs.recipe.Recipe;
import java.io.Serializable;
import java.util.UUID;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * All that a training does, wherever it is done; it can travel to where that is.
 *
 * @param network what is trained, a {@link NetworkSpec} as HOCON
 * @param recipe how
 * @param datasetFingerprint on what
 * @param images which worker sees which, and when
 * @param compute what a worker computes with
 * @param seed of the first weights, the order of the images and their augmentation
 */
record TrainingPlan(
    String network,
    Recipe recipe,
    String datasetFingerprint,
    EpochPlan images,
    Compute compute,
    long seed)
    implements Serializable {

  NetworkSpec spec() {
    return NetworkSpec.read(Settings.parse(network, "network"));
  }

  /** What it is called in Spark's pages. */
  String description() {
    return spec().name() + ", seed " + seed;
  }

  /** What makes this training take the steps that it takes. */
  Identity identity() {
    return new Identity(
        spec(),
        recipe,
        datasetFingerprint,
        seed,
        images.workers(),
        compute.engine().id(),
        compute.threads());
  }

  /** The network with its first weights, and with the recipe's dropout. */
  ComputationGraph freshGraph() {
    var training =
        new Dl4jModel.Training(
            updater(), recipe.weightDecay(), seed, recipe.initialWeights(), DataType.FLOAT);
    var dropout = recipe.dropout();
    var trained = dropout.isPresent() ? spec().withDropout(dropout.getAsDouble()) : spec();
    return Dl4jModel.create(trained.network(), compute.engine(), training);
  }

  /** What feeds the workers. */
  TrainingInput input() {
    boolean recompute = recipe.averaging().recomputeImages() > 0;
    var spec = spec();
    return new TrainingInput(
        UUID.randomUUID().toString(), // not the training's, which may go on in the same process
        images,
        recipe.length().epochs(images.images()) + (recompute ? 1 : 0),
        recipe,
        spec.resolution(),
        spec.classes(),
        compute.threads());
  }

  /** The rule by which steps change the weights. */
  IUpdater updater() {
    return recipe.updater(steps(), images.steps());
  }

  private long steps() {
    return recipe.length().steps(images.images(), (long) recipe.batch() * images.workers());
  }

  RoundPlan rounds() {
    var averaging = recipe.averaging();
    return new RoundPlan(steps(), images.steps(), averaging.frequency(), averaging.warmUpSteps());
  }

  /** Images that all workers have seen since the beginning when a round is over. */
  long imagesAfter(RoundPlan.Span round) {
    return (round.epoch() - 1) * images.images() + images.before(round.end());
  }

  /** Images that all workers see in a round. */
  long imagesOf(RoundPlan.Span round) {
    return images.before(round.end()) - images.before(round.first());
  }

  /** The first round after which so many images have been seen, or the last one. */
  int roundWith(long seen) {
    int last = 0;
    for (var span : rounds()) {
      last = span.number();
      if (imagesAfter(span) >= seen) {
        return last;
      }
    }
    return last;
  }

  /** True if the network is evaluated after a round on the way. */
  boolean evaluatedAfter(RoundPlan.Span round, boolean last) {
    int every = recipe.evaluation().everyEpochs();
    boolean epochEnds = round.end() == images.steps();
    return every > 0 && (last || epochEnds && round.epoch() % every == 0);
  }
}
