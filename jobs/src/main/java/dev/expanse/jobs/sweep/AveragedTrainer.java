package dev.expanse.jobs.sweep;

import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.progress.Progress;
import dev.expanse.jobs.recipe.Recipe;
import dev.expanse.jobs.training.AveragedTraining;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trains one configuration after another, each by averaging the weights of all workers. */
final class AveragedTrainer {
  private static final Logger LOG = LoggerFactory.getLogger(AveragedTrainer.class);

  private final JavaSparkContext spark;
  private final Dataset dataset;
  private final Recipe recipe;
  private final int workers;
  private final Compute compute;
  private final SweepRows rows;
  private final KeptStates states;

  AveragedTrainer(
      JavaSparkContext spark,
      Dataset dataset,
      Recipe recipe,
      int workers,
      Compute compute,
      SweepRows rows,
      KeptStates states) {
    this.spark = spark;
    this.dataset = dataset;
    this.recipe = recipe;
    this.workers = workers;
    this.compute = compute;
    this.rows = rows;
    this.states = states;
  }

  void train(List<Configuration> configurations, TaskTrainer.Watcher watcher) {
    var progress = Progress.goingOn();
    int count = configurations.size();
    for (int i = 0; i < count; i++) {
      var configuration = configurations.get(i);
      var name = String.format("[%d/%d] %s", i + 1, count, configuration.network().name());
      int index = i;
      var kept =
          new KeptTraining(
              states,
              configuration.training(),
              name,
              rows.circumstances(),
              Integer.MAX_VALUE,
              spark.hadoopConfiguration(),
              round ->
                  progress.at(
                      (index + (double) round.number() / round.rounds()) / count,
                      () -> round.line(name)));
      watcher.finished(configuration, outcome(configuration, kept));
    }
  }

  private Outcome outcome(Configuration configuration, KeptTraining kept) {
    try {
      var training =
          new AveragedTraining(
              spark,
              dataset,
              configuration.network(),
              recipe,
              workers,
              compute,
              configuration.seed());
      var from = kept.from(training.identity());
      var graph = training.run(configuration.training(), from, kept);
      try {
        return kept.measured(training.evaluate(graph));
      } finally {
        Dl4jModel.close(graph);
      }
    } catch (Exception | OutOfMemoryError e) { // a network may be larger than the machine
      LOG.debug("{} failed", configuration.network().name(), e);
      Failure.requireRunning(spark, e);
      return kept.failed(e);
    }
  }
}
