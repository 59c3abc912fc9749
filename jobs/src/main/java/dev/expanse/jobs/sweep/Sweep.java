package dev.expanse.jobs.sweep;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Sha256;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.compute.Inference;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.results.ResultTable;
import dev.expanse.jobs.training.AveragedTraining;
import dev.expanse.jobs.training.TrainingTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures configurations, and keeps each as a row the moment it is measured: first the latency of
 * all networks, while nothing else runs, then they are trained and evaluated. What has a row
 * already is not measured again. A configuration that fails is a row with its error.
 */
public final class Sweep {
  private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);

  private final SparkSession session;
  private final JavaSparkContext spark;
  private final SweepSpec spec;
  private final Dataset dataset;
  private final Path results;
  private final int workers;
  private final Compute compute;
  private final ResultTable table;
  private final ResultTable rounds;
  private final SweepRows rows;
  private final LatencyPhase latencies;
  private final Map<String, Map<String, Object>> complexities = new LinkedHashMap<>();
  private int left;
  private int all;

  /**
   * A sweep whose rows go to tables of a results folder.
   *
   * @throws InvalidInputException if an engine that it names cannot be used
   */
  public Sweep(SparkSession session, SweepSpec spec, Dataset dataset, Path results) {
    this.session = session;
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.spec = spec;
    this.dataset = dataset;
    this.results = results;
    this.workers =
        switch (spec.train()) {
          case TASKS -> 1;
          case AVERAGED ->
              spec.workers() == 0 ? AveragedTraining.usualWorkers(spark) : spec.workers();
        };
    this.compute = Compute.choose(spark, spec.engine(), spec.threads()).checkedForTasks(spark);
    Compute.checkAlone(spark, spec.latency().threads());
    this.table = new ResultTable(session, results, SweepTable.NAME, SweepTable.SCHEMA);
    this.rounds = new ResultTable(session, results, TrainingTable.NAME, TrainingTable.SCHEMA);
    this.rows = new SweepRows(session, spec, dataset, compute, workers);
    var timed = spec.latency().tasks(compute.engine().id());
    timed.forEach(task -> Inference.engine(task.engine())); // else every configuration would fail
    this.latencies = new LatencyPhase(session, results, timed);
  }

  /**
   * Measures what has no row yet. What is wrong with the dataset is no configuration's failure, and
   * ends the sweep.
   *
   * @throws InvalidInputException if the dataset cannot be trained or evaluated on
   * @return the keys of all configurations of the sweep
   */
  public Set<String> run() {
    dataset.rowGroups(Dataset.VALIDATION);
    var configurations = configurations();
    var done = measured();
    var todo = configurations.stream().filter(one -> !done.contains(one.key())).toList();
    LOG.info(
        "{} of {} configurations to measure {}, {} done before",
        todo.size(),
        configurations.size(),
        spec.train() == SweepSpec.Train.TASKS
            ? "on up to " + AveragedTraining.usualWorkers(spark) + " tasks"
            : "on " + workers + " workers",
        configurations.size() - todo.size());
    all = todo.size();
    left = todo.size();
    var fit = fit(configurations, done);
    var networks = new LinkedHashMap<String, NetworkSpec>();
    fit.forEach(one -> networks.putIfAbsent(one.network().hash(), one.network()));
    latencies.measure(networks.values());
    train(withLatency(fit, done), done);
    var keys = new TreeSet<String>();
    configurations.forEach(one -> keys.add(one.key()));
    return keys;
  }

  /** The rows of all sweeps in the results folder. */
  public ResultTable table() {
    return table;
  }

  private Set<String> measured() {
    return Set.copyOf(table.read().select("key").distinct().as(Encoders.STRING()).collectAsList());
  }

  private List<Configuration> configurations() {
    var byHash = new LinkedHashMap<String, Configuration>();
    for (var network : spec.networks()) {
      var known = network.withClasses(dataset.classes().size());
      var id = hash(known.hash());
      for (long seed : spec.seeds()) {
        var training = hash(known.hash(), "seed = " + seed);
        byHash.putIfAbsent(training, new Configuration(id, training, training, known, seed));
      }
    }
    if (spec.halving().isEmpty()) {
      return List.copyOf(byHash.values());
    }
    // who goes on depends on who else is there
    var race = spec.halving().get() + "\n" + String.join("\n", new TreeSet<>(byHash.keySet()));
    return byHash.values().stream()
        .map(
            one ->
                new Configuration(
                    one.id(),
                    one.training(),
                    hash(one.training(), race),
                    one.network(),
                    one.seed()))
        .toList();
  }

  private String hash(String... subject) {
    return Sha256.of(
            String.join(
                "\n",
                String.join("\n", subject),
                spec.recipe().toHocon(),
                dataset.fingerprint(),
                "workers = " + workers,
                "threads = " + compute.threads(), // which share a batch, and round otherwise
                compute.engine().id()))
        .substring(0, 16);
  }

  /** Those that this machine can train; the others are rows that say why not. */
  private List<Configuration> fit(List<Configuration> configurations, Set<String> done) {
    var fit = new ArrayList<Configuration>();
    for (var one : configurations) {
      try {
        complexities.computeIfAbsent(
            one.network().hash(), hash -> SweepRows.complexity(one.network()));
        AveragedTraining.memoryShortage(one.network(), spec.recipe().batch())
            .ifPresent(
                shortage -> {
                  throw new IllegalStateException(shortage);
                });
        fit.add(one);
      } catch (IllegalArgumentException | ArithmeticException | IllegalStateException e) {
        failed(one, e.getMessage(), done);
      }
    }
    return fit;
  }

  private List<Configuration> withLatency(List<Configuration> configurations, Set<String> done) {
    var timed = new ArrayList<Configuration>();
    for (var one : configurations) {
      latencies
          .failure(one.network())
          .ifPresentOrElse(error -> failed(one, error, done), () -> timed.add(one));
    }
    return timed;
  }

  private void failed(Configuration configuration, String error, Set<String> done) {
    if (!done.contains(configuration.key())) {
      finished(configuration, Map.of("status", SweepTable.FAILED, "error", error));
    }
  }

  private void train(List<Configuration> configurations, Set<String> done) {
    var todo = configurations.stream().filter(one -> !done.contains(one.key())).toList();
    if (todo.isEmpty()) {
      return;
    }
    switch (spec.train()) {
      case AVERAGED ->
          new AveragedTrainer(spark, dataset, spec.recipe(), workers, compute, rows)
              .train(todo, this::finished);
      case TASKS -> {
        var tasks = new TaskSweep(spark, dataset, spec, compute, rows, results);
        if (spec.halving().isEmpty()) {
          tasks.train(todo, this::finished);
        } else {
          tasks.halve(session, configurations, done, this::keepRounds, this::finished);
        }
      }
    }
  }

  private void finished(Configuration configuration, Outcome outcome) {
    keepRounds(outcome);
    finished(configuration, outcome.columns());
  }

  private void keepRounds(Outcome outcome) {
    if (!outcome.rounds().isEmpty()) {
      rounds.append(outcome.rounds());
    }
  }

  private void finished(Configuration configuration, Map<String, Object> columns) {
    var network = configuration.network();
    var row = rows.identity(configuration);
    row.putAll(complexities.getOrDefault(network.hash(), Map.of()));
    row.putAll(latencies.columns(network));
    row.putAll(columns);
    row.putIfAbsent("seconds", 0.0);
    row.put("started_at", SweepRows.start((double) row.get("seconds")));
    table.append(List.of(row));
    left--;
    LOG.info("[{}/{}] {}: {}", all - left, all, name(configuration), outcome(row));
  }

  private String name(Configuration configuration) {
    var name = configuration.network().name();
    return spec.seeds().size() > 1 ? name + ", seed " + configuration.seed() : name;
  }

  private static String outcome(Map<String, Object> row) {
    return SweepTable.FAILED.equals(row.get("status"))
        ? "failed, " + row.get("error")
        : String.format(
            "%stop-1 %.1f%%, latency p50 %.2f ms",
            SweepTable.ELIMINATED.equals(row.get("status")) ? "eliminated, " : "",
            100 * (double) row.get("top1"),
            (double) row.get("latency_p50_ms"));
  }
}
