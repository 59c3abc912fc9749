package dev.expanse.jobs.evaluation;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Weights;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.compute.MemoryShortageException;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.Slice;
import dev.expanse.jobs.progress.TaskProgress;
import dev.expanse.jobs.recipe.Recipe;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** Evaluates a network on a split, each Spark task a part of it. */
public final class DistributedEvaluation {
  private static final int IMAGES_A_TASK = 1000;

  private DistributedEvaluation() {}

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
    var parts = inOneTask(spark, spec, dataset, split, recipe, compute);
    Broadcast<Weights> sent = spark.broadcast(weights);
    var hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    try {
      var counts = new EvaluationCounts(spec.classes());
      TaskProgress.during(
              spark,
              "evaluation on " + split,
              () ->
                  spark
                      .parallelize(parts.slices(), parts.slices().size())
                      .map(
                          part ->
                              MemoryShortageException.during(
                                  () -> parts.count(sent.value(), part, hadoop.value().value())))
                      .collect())
          .forEach(counts::add);
      return counts;
    } finally {
      sent.destroy();
      hadoop.destroy();
    }
  }

  /** The same evaluation for one task, which makes its parts one after another. */
  public static TaskEvaluation inOneTask(
      JavaSparkContext spark,
      NetworkSpec spec,
      Dataset dataset,
      String split,
      Recipe recipe,
      Compute compute) {
    int tasks =
        (int)
            Math.max(
                Math.min(spark.defaultParallelism(), dataset.count(split)),
                dataset.count(split) / IMAGES_A_TASK);
    var slices = Slice.deal(dataset.rowGroups(split), tasks);
    return new TaskEvaluation(spec.toHocon(), slices, recipe, compute);
  }
}
