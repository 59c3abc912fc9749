package dev.expanse.jobs.sweep;

import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.recipe.Length;
import dev.expanse.jobs.results.ResultTable;
import dev.expanse.jobs.training.AveragedTraining;
import dev.expanse.jobs.training.TaskTraining;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** Trains the configurations of a sweep, each in a task: all to the end, or by halving. */
final class TaskSweep {
  private final JavaSparkContext spark;
  private final Dataset dataset;
  private final SweepSpec spec;
  private final Compute compute;
  private final SweepRows rows;
  private final KeptStates states;
  private final Path results;

  TaskSweep(
      JavaSparkContext spark,
      Dataset dataset,
      SweepSpec spec,
      Compute compute,
      SweepRows rows,
      KeptStates states,
      Path results) {
    this.spark = spark;
    this.dataset = dataset;
    this.spec = spec;
    this.compute = compute;
    this.rows = rows;
    this.states = states;
    this.results = results;
  }

  /** Trains all of them to the end. */
  void train(List<Configuration> configurations, TaskTrainer.Watcher watcher) {
    train(configurations, null, watcher);
  }

  private void train(List<Configuration> configurations, Long until, TaskTrainer.Watcher watcher) {
    new TaskTrainer(spark, AveragedTraining.usualWorkers(spark))
        .train(
            configurations.stream()
                .map(one -> new TaskTrainer.Assignment(one, task(one, until)))
                .toList(),
            watcher);
  }

  private TrainingTask task(Configuration configuration, Long until) {
    return new TrainingTask(
        training(configuration),
        configuration.training(),
        configuration.network().name(),
        until,
        states,
        rows.circumstances());
  }

  private TaskTraining training(Configuration configuration) {
    return new AveragedTraining(
            spark,
            dataset,
            configuration.network(),
            spec.recipe(),
            1,
            compute,
            configuration.seed())
        .inOneTask();
  }

  /**
   * Trains by halving.
   *
   * @param done keys of configurations that have their row
   * @param told of the rows of a training's rounds, from the first on, whenever there are more
   * @param finished told of a configuration that is out of the race or at its end
   */
  void halve(
      SparkSession session,
      List<Configuration> configurations,
      Set<String> done,
      Consumer<List<Map<String, Object>>> told,
      BiConsumer<Configuration, Map<String, Object>> finished) {
    var table = new ResultTable(session, results, RungTable.NAME, RungTable.SCHEMA);
    var race = new TaskRace(configurations.get(0), done, told, finished);
    new Halving(spec.halving().orElseThrow(), race, table).run(configurations);
  }

  /** A race whose trainings are tasks. */
  private final class TaskRace implements Halving.Race {
    private final Configuration first;
    private final Set<String> done;
    private final Consumer<List<Map<String, Object>>> told;
    private final BiConsumer<Configuration, Map<String, Object>> finished;

    private TaskRace(
        Configuration first,
        Set<String> done,
        Consumer<List<Map<String, Object>>> told,
        BiConsumer<Configuration, Map<String, Object>> finished) {
      this.first = first;
      this.done = done;
      this.told = told;
      this.finished = finished;
    }

    @Override
    public void train(List<Configuration> some, Long until, TaskTrainer.Watcher watcher) {
      TaskSweep.this.train(
          some,
          until,
          (configuration, outcome) -> {
            told.accept(outcome.rounds());
            watcher.finished(configuration, outcome);
          });
    }

    @Override
    public boolean isDone(Configuration configuration) {
      return done.contains(configuration.key());
    }

    @Override
    public long images(int rung) {
      return spec.recipe().length() instanceof Length.Epochs
          ? rung * training(first).imagesAnEpoch()
          : rung;
    }

    @Override
    public Map<String, Object> rung(
        Configuration configuration, String key, int rung, Outcome outcome) {
      return rows.rung(configuration, key, rung, outcome);
    }

    @Override
    public void finished(Configuration configuration, Map<String, Object> columns) {
      finished.accept(configuration, columns);
    }
  }
}
