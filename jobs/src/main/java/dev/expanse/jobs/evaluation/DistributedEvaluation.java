package dev.expanse.jobs.evaluation;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.image.BatchLoader;
import dev.expanse.core.image.EncodedImage;
import dev.expanse.core.image.Normalization;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Weights;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.Slice;
import dev.expanse.jobs.data.SliceReader;
import dev.expanse.jobs.input.BatchArrays;
import dev.expanse.jobs.progress.TaskProgress;
import dev.expanse.jobs.recipe.Recipe;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** Evaluates a network on a split, each Spark task a part of it. */
public final class DistributedEvaluation {
  private static final int IMAGES_A_TASK = 1000;
  private static final int BATCHES_AHEAD = 2;

  private DistributedEvaluation() {}

  /** The network as it travels to the executors. */
  private record Sent(String hocon, Weights weights) implements Serializable {}

  /** What a task needs besides the network. */
  private record View(int side, int classes, Recipe recipe, Compute compute)
      implements Serializable {
    BatchLoader.Plan loading() {
      return new BatchLoader.Plan(
          recipe.evaluationTransform(side),
          Normalization.IMAGENET,
          side,
          recipe.evaluation().batch(),
          compute.threads(),
          BATCHES_AHEAD);
    }
  }

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
    var view = new View(spec.resolution(), spec.classes(), recipe, compute);
    int tasks =
        (int)
            Math.max(
                Math.min(spark.defaultParallelism(), dataset.count(split)),
                dataset.count(split) / IMAGES_A_TASK);
    var slices = Slice.deal(dataset.rowGroups(split), tasks);
    Broadcast<Sent> network = spark.broadcast(new Sent(spec.toHocon(), weights));
    var hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    try {
      var counts = new EvaluationCounts(spec.classes());
      TaskProgress.during(
              spark,
              spec.name() + ", evaluation on " + split,
              () ->
                  spark
                      .parallelize(slices, tasks)
                      .map(part -> count(network.value(), part, hadoop.value().value(), view))
                      .collect())
          .forEach(counts::add);
      return counts;
    } finally {
      network.destroy();
      hadoop.destroy();
    }
  }

  private static EvaluationCounts count(
      Sent sent, List<Slice> slices, Configuration hadoop, View view) {
    var counts = new EvaluationCounts(view.classes());
    var compute = view.compute();
    compute.use();
    var network = NetworkSpec.read(Settings.parse(sent.hocon(), "network")).network();
    int batch = view.recipe().evaluation().batch();
    try (var classifier =
            compute
                .engine()
                .classifier(network, sent.weights(), batch, compute.threads(), Choice.REPEATABLE);
        var batches = new BatchLoader(minibatches(slices, hadoop, view), view.loading());
        var arrays = new BatchArrays(view.side(), view.classes())) {
      while (batches.hasNext()) {
        var next = batches.next();
        var probabilities = classifier.probabilities(arrays.features(next)).toFloatMatrix();
        for (int i = 0; i < next.size(); i++) {
          counts.add(next.labels()[i], probabilities[i]);
        }
      }
    }
    return counts;
  }

  private static Iterator<List<EncodedImage>> minibatches(
      List<Slice> slices, Configuration hadoop, View view) {
    var images = new SliceReader(slices, view.classes(), hadoop);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return images.hasNext();
      }

      @Override
      public List<EncodedImage> next() {
        var minibatch = new ArrayList<EncodedImage>();
        while (minibatch.size() < view.recipe().evaluation().batch() && images.hasNext()) {
          var image = images.next();
          minibatch.add(new EncodedImage(image.bytes(), image.path(), image.label(), 0));
        }
        return minibatch;
      }
    };
  }
}
