package dev.expanse.jobs.sweep;

import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.progress.Progress;
import dev.expanse.jobs.recipe.Recipe;
import dev.expanse.jobs.training.AveragedTraining;
import dev.expanse.jobs.training.Round;
import dev.expanse.jobs.training.TrainingTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

  AveragedTrainer(
      JavaSparkContext spark,
      Dataset dataset,
      Recipe recipe,
      int workers,
      Compute compute,
      SweepRows rows) {
    this.spark = spark;
    this.dataset = dataset;
    this.recipe = recipe;
    this.workers = workers;
    this.compute = compute;
    this.rows = rows;
  }

  void train(List<Configuration> configurations, TaskTrainer.Watcher watcher) {
    var progress = new Progress();
    int count = configurations.size();
    for (int i = 0; i < count; i++) {
      var configuration = configurations.get(i);
      var name = String.format("[%d/%d] %s", i + 1, count, configuration.network().name());
      int index = i;
      var outcome =
          outcome(
              configuration,
              round ->
                  progress.at(
                      (index + (double) round.number() / round.rounds()) / count,
                      () -> describe(name, round)));
      watcher.finished(configuration, outcome);
    }
  }

  private Outcome outcome(Configuration configuration, java.util.function.Consumer<Round> watcher) {
    long start = System.nanoTime();
    var log = new ArrayList<Map<String, Object>>();
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
      var identity = training.identity().columns();
      var graph =
          training.run(
              round -> {
                log.add(
                    TrainingTable.row(
                        configuration.training(), identity, rows.circumstances(), round));
                watcher.accept(round);
              });
      double trained = (System.nanoTime() - start) / 1e9;
      try {
        var counts = training.evaluate(graph);
        return Outcome.measured(log, trained, (System.nanoTime() - start) / 1e9, counts);
      } finally {
        Dl4jModel.close(graph);
      }
    } catch (Exception | OutOfMemoryError e) { // a network may be larger than the machine
      LOG.debug("{} failed", configuration.network().name(), e);
      Failure.requireRunning(spark, e);
      return Outcome.failed(log, (System.nanoTime() - start) / 1e9, e);
    }
  }

  private static String describe(String name, Round round) {
    return String.format(
        "%s: epoch %d, round %d of %d, loss %.2f",
        name, round.epoch(), round.number(), round.rounds(), round.loss());
  }
}
