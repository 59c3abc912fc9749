package dev.expanse.jobs.evaluation;

import dev.expanse.core.config.Settings;
import dev.expanse.core.image.BatchLoader;
import dev.expanse.core.image.EncodedImage;
import dev.expanse.core.image.Normalization;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Weights;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Slice;
import dev.expanse.jobs.data.SliceReader;
import dev.expanse.jobs.input.BatchArrays;
import dev.expanse.jobs.input.Batches;
import dev.expanse.jobs.recipe.Recipe;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * An evaluation of a network on a split, as tasks make it.
 *
 * @param network what is evaluated, a {@link NetworkSpec} as HOCON
 * @param slices the images, in parts, of which a task makes one or all
 * @param recipe what of an image is evaluated
 * @param compute what a task computes with
 */
public record TaskEvaluation(
    String network, List<List<Slice>> slices, Recipe recipe, Compute compute)
    implements Serializable {
  private static final int BATCHES_AHEAD = 2;

  /** A copy that is sure to travel. */
  public TaskEvaluation {
    slices = new ArrayList<>(slices);
  }

  /**
   * Counts what the network gets right, part by part, so that sums are those of {@link
   * DistributedEvaluation}.
   *
   * @param hadoop how to reach the shards
   * @throws dev.expanse.core.config.InvalidInputException if an image cannot be decoded, or a shard
   *     cannot be read
   */
  public EvaluationCounts run(Weights weights, Configuration hadoop) {
    var counts = new EvaluationCounts(spec().classes());
    for (var part : slices) {
      counts.add(count(weights, part, hadoop));
    }
    return counts;
  }

  private NetworkSpec spec() {
    return NetworkSpec.read(Settings.parse(network, "network"));
  }

  EvaluationCounts count(Weights weights, List<Slice> part, Configuration hadoop) {
    var spec = spec();
    var counts = new EvaluationCounts(spec.classes());
    compute.use();
    int batch = recipe.evaluation().batch();
    var loading =
        new BatchLoader.Plan(
            recipe.evaluationTransform(spec.resolution()),
            Normalization.IMAGENET,
            spec.resolution(),
            batch,
            compute.threads(),
            BATCHES_AHEAD);
    try (var classifier =
            compute
                .engine()
                .classifier(spec.network(), weights, batch, compute.threads(), Choice.REPEATABLE);
        var batches = new BatchLoader(minibatches(part, spec.classes(), hadoop), loading);
        var arrays = new BatchArrays(spec.resolution(), spec.classes())) {
      while (batches.hasNext()) {
        var next = Batches.next(batches);
        var probabilities = classifier.probabilities(arrays.features(next)).toFloatMatrix();
        for (int i = 0; i < next.size(); i++) {
          counts.add(next.labels()[i], probabilities[i]);
        }
      }
    }
    return counts;
  }

  private Iterator<List<EncodedImage>> minibatches(
      List<Slice> part, int classes, Configuration hadoop) {
    var images = new SliceReader(part, classes, hadoop);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return images.hasNext();
      }

      @Override
      public List<EncodedImage> next() {
        var minibatch = new ArrayList<EncodedImage>();
        while (minibatch.size() < recipe.evaluation().batch() && images.hasNext()) {
          var image = images.next();
          minibatch.add(new EncodedImage(image.bytes(), image.path(), image.label(), 0));
        }
        return minibatch;
      }
    };
  }
}
