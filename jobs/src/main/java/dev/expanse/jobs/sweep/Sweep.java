package dev.expanse.jobs.sweep;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.compute.Inference;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.preflight.Preflight;
import dev.expanse.jobs.preflight.Work;
import dev.expanse.jobs.results.ResultTable;
import dev.expanse.jobs.space.Search;
import dev.expanse.jobs.space.SearchSpace;
import dev.expanse.jobs.training.AveragedTraining;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures configurations, and keeps each as a row the moment it is measured: first the latency of
 * all networks, while nothing else runs, then they are trained and evaluated. What has a row
 * already is not measured again. A configuration that fails is a row with its error. Where the
 * sweep's space evolves, that is done for what is known before, and then for each generation.
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
  private final SweepRows rows;
  private final KeptRows kept;
  private final KeptStates states;
  private final Storage storage;
  private final List<LatencyTask> timed;
  private final Configurations configurations;
  private final LatencyPhase latencies;
  private final Map<String, Map<String, Object>> complexities = new HashMap<>();
  private Preflight preflight;

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
    this.compute = Compute.choose(spark, spec.engine(), spec.threads());
    this.kept = new KeptRows(session, results);
    this.storage = new Storage(spark.hadoopConfiguration());
    this.states = KeptStates.in(results, storage, spec.checkpointSeconds());
    this.rows = new SweepRows(session, spec, dataset, compute, workers);
    this.timed = spec.latency().tasks(compute.engine().id());
    timed.forEach(task -> Inference.engine(task.engine())); // else every configuration would fail
    this.configurations = new Configurations(spec, dataset, workers, compute, timed.get(0));
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
    preflight = preflight();
    kept.read();
    var all = new ArrayList<Configuration>();
    if (!spec.networks().isEmpty()) {
      all.addAll(measure(configurations.known()));
    }
    spec.space()
        .flatMap(SweptSpace::evolution)
        .ifPresent(search -> all.addAll(evolve(spec.space().get().space(), search)));
    var keys = new TreeSet<String>();
    all.forEach(one -> keys.add(one.key()));
    return keys;
  }

  /** The rows of all sweeps in the results folder. */
  public ResultTable table() {
    return kept.table();
  }

  private List<Configuration> evolve(SearchSpace space, Search.Evolve search) {
    return new EvolutionPhase(
            space,
            search,
            dataset.classes().size(),
            kept,
            networks -> measure(configurations.ofSpace(networks)))
        .run();
  }

  /** Measures what has no row yet, and returns all under the keys of their rows. */
  private List<Configuration> measure(List<Configuration> some) {
    int todo = (int) some.stream().filter(one -> !hasRow(one)).count();
    LOG.info(
        "{} of {} configurations to measure {}, {} done before",
        todo,
        some.size(),
        spec.train() == SweepSpec.Train.TASKS
            ? "on up to " + AveragedTraining.usualWorkers(spark) + " tasks"
            : "on " + workers + " workers",
        some.size() - todo);
    kept.expect(todo);
    var fit = fit(some);
    var networks = new LinkedHashMap<String, NetworkSpec>();
    fit.forEach(one -> networks.putIfAbsent(one.network().hash(), one.network()));
    latencies.measure(networks.values());
    train(fastEnough(fit));
    return some.stream().map(this::asKept).toList();
  }

  private boolean hasRow(Configuration one) {
    return kept.has(asKept(one));
  }

  private Configuration asKept(Configuration one) {
    return configurations.tooSlow(one).filter(kept::has).orElse(one);
  }

  private Preflight preflight() {
    var engines = new TreeSet<>(Set.of(compute.engine().id()));
    timed.forEach(task -> engines.add(task.engine()));
    var splits = List.of(dataset.rowGroups(Dataset.VALIDATION), dataset.rowGroups(Dataset.TRAIN));
    return Preflight.of(spark, engines, splits).require();
  }

  /** Those that can be trained and timed here; the others are rows that say why not. */
  private List<Configuration> fit(List<Configuration> some) {
    var fit = new ArrayList<Configuration>();
    for (var one : some) {
      try {
        complexities.computeIfAbsent(
            one.network().hash(), hash -> SweepRows.complexity(one.network()));
        refusal(one.network())
            .ifPresentOrElse(
                reason -> keepUntrained(one, SweepTable.FAILED, reason), () -> fit.add(one));
      } catch (IllegalArgumentException | ArithmeticException e) {
        keepUntrained(one, SweepTable.FAILED, e.getMessage());
      }
    }
    return fit;
  }

  private Optional<String> refusal(NetworkSpec network) {
    return Stream.concat(
            Stream.of(training(network)), timed.stream().map(task -> task.work(network)))
        .map(preflight::refusal)
        .flatMap(Optional::stream)
        .findFirst();
  }

  private Work.Training training(NetworkSpec network) {
    return new Work.Training(network, spec.recipe(), compute, workers);
  }

  /** Those that were timed, and that no constraint is against; rows say why the others are not. */
  private List<Configuration> fastEnough(List<Configuration> some) {
    var fast = new ArrayList<Configuration>();
    for (var one : some) {
      var failure = latencies.failure(one.network());
      if (failure.isPresent()) {
        keepUntrained(one, SweepTable.FAILED, failure.get());
      } else if (!isTooSlow(one)) {
        fast.add(one);
      }
    }
    return fast;
  }

  /** Whether a constraint keeps it from being trained, which its row says then. */
  private boolean isTooSlow(Configuration one) {
    var slow = configurations.tooSlow(one);
    if (slow.isPresent() && !kept.has(slow.get())) {
      double p50Ms = (double) latencies.columns(one.network()).get("latency_p50_ms");
      configurations
          .excess(one, p50Ms)
          .ifPresent(excess -> keepUntrained(slow.get(), SweepTable.EXCEEDS, excess));
    }
    return slow.filter(kept::has).isPresent();
  }

  private void keepUntrained(Configuration configuration, String status, String reason) {
    if (!kept.has(configuration)) {
      finished(configuration, Map.of("status", status, "error", reason));
    }
  }

  private void train(List<Configuration> some) {
    var todo = some.stream().filter(one -> !kept.has(one)).toList();
    some.stream().filter(kept::has).forEach(this::deleteStates); // of a sweep that was killed then
    if (todo.isEmpty()) {
      return;
    }
    switch (spec.train()) {
      case AVERAGED ->
          new AveragedTrainer(spark, dataset, spec.recipe(), workers, compute, rows, states)
              .train(todo, this::finished);
      case TASKS -> {
        preflight.warn(todo.stream().map(one -> training(one.network())).toList());
        var tasks = new TaskSweep(spark, dataset, spec, compute, rows, states, results);
        if (spec.halving().isEmpty()) {
          tasks.train(todo, this::finished);
        } else {
          tasks.halve(session, some, kept.keys(), kept::keepRounds, this::finished);
        }
      }
    }
  }

  private void finished(Configuration configuration, Outcome outcome) {
    kept.keepRounds(outcome.rounds());
    finished(configuration, outcome.columns());
  }

  private void finished(Configuration configuration, Map<String, Object> columns) {
    var network = configuration.network();
    var row = rows.identity(configuration);
    row.putAll(complexities.getOrDefault(network.hash(), Map.of()));
    row.putAll(latencies.columns(network));
    row.putAll(columns);
    row.putIfAbsent("seconds", 0.0);
    row.putIfAbsent("started_at", Timestamp.from(Instant.now()));
    kept.keep(name(configuration), row);
    deleteStates(configuration);
  }

  /** Keeps those of what failed, maybe for want of memory: it goes on if its row is deleted. */
  private void deleteStates(Configuration configuration) {
    if (!kept.hasFailed(configuration)) {
      states.delete(configuration.training(), storage);
    }
  }

  private String name(Configuration configuration) {
    var name = configuration.network().name();
    return spec.seeds().size() > 1 ? name + ", seed " + configuration.seed() : name;
  }
}
