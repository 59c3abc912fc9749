package dev.expanse.jobs.training;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.image.ImageTransform;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Weights;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.LabelledImage;
import dev.expanse.jobs.progress.TaskProgress;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** Evaluates a network on a split, each Spark task a part of it. */
public final class DistributedEvaluation {
  private static final int IMAGES_A_TASK = 1000;

  private DistributedEvaluation() {}

  /** The network as it travels to the executors. */
  private record Sent(String hocon, Weights weights) implements Serializable {}

  /** What a task needs besides the network. */
  private record View(int side, int classes, double cropFraction, int batch, Compute compute)
      implements Serializable {}

  /**
   * Counts what the network gets right.
   *
   * @param compute what a task computes with
   * @throws InvalidInputException if the dataset has no such split or not the network's number of
   *     classes
   */
  public static EvaluationCounts run(
      JavaSparkContext spark,
      NetworkSpec spec,
      Weights weights,
      Dataset dataset,
      String split,
      Recipe recipe,
      Compute compute) {
    if (spec.classes() != dataset.classes().size()) {
      throw InvalidInputException.of(
          "%s: has labels of %d classes, expected the %d classes of the network %s",
          dataset.root(), dataset.classes().size(), spec.classes(), spec.name());
    }
    var view =
        new View(
            spec.resolution(),
            spec.classes(),
            recipe.cropFraction(),
            recipe.evaluationBatch(),
            compute);
    Broadcast<Sent> network = spark.broadcast(new Sent(spec.toHocon(), weights));
    int tasks = (int) (dataset.count(split) / IMAGES_A_TASK);
    var images = dataset.images(split).repartition(Math.max(tasks, spark.defaultParallelism()));
    try {
      var counts = new EvaluationCounts(spec.classes());
      TaskProgress.during(
              spark,
              spec.name() + ", evaluation on " + split,
              () ->
                  images
                      .mapPartitions(part -> List.of(count(network.value(), part, view)).iterator())
                      .collect())
          .forEach(counts::add);
      if (counts.images() != dataset.count(split)) {
        throw InvalidInputException.of(
            "%s: its shards have %d images of the split %s, expected the %d of its dataset.json",
            dataset.root(), counts.images(), split, dataset.count(split));
      }
      return counts;
    } finally {
      network.destroy();
    }
  }

  private static EvaluationCounts count(Sent sent, Iterator<LabelledImage> images, View view) {
    var counts = new EvaluationCounts(view.classes());
    if (!images.hasNext()) {
      return counts;
    }
    var compute = view.compute();
    compute.use();
    var network = NetworkSpec.read(Settings.parse(sent.hocon(), "network")).network();
    var transform = ImageTransform.evaluation(view.side(), view.cropFraction());
    try (var classifier =
        compute
            .engine()
            .classifier(
                network, sent.weights(), view.batch(), compute.threads(), Choice.REPEATABLE)) {
      while (images.hasNext()) {
        List<LabelledImage> batch = new ArrayList<>();
        while (batch.size() < view.batch() && images.hasNext()) {
          batch.add(images.next());
        }
        var features = Minibatches.features(batch, transform, view.side(), 0);
        var probabilities = classifier.probabilities(features).toFloatMatrix();
        for (int i = 0; i < batch.size(); i++) {
          counts.add(batch.get(i).label(), probabilities[i]);
        }
      }
    }
    return counts;
  }
}
