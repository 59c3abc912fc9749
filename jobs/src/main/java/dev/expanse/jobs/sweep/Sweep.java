package dev.expanse.jobs.sweep;

import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Sha256;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Weights;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.evaluation.DistributedEvaluation;
import dev.expanse.jobs.evaluation.EvaluationCounts;
import dev.expanse.jobs.progress.Progress;
import dev.expanse.jobs.results.Circumstances;
import dev.expanse.jobs.results.ResultTable;
import dev.expanse.jobs.training.AveragedTraining;
import dev.expanse.jobs.training.Round;
import dev.expanse.jobs.training.TrainingTable;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures one configuration after another, and keeps each as a row the moment it is measured. What
 * has a row already is not measured again. A configuration that fails is a row with its error.
 */
public final class Sweep {
  private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);

  private final SparkSession session;
  private final JavaSparkContext spark;
  private final SweepSpec spec;
  private final Dataset dataset;
  private final int workers;
  private final Compute compute;
  private final ResultTable table;
  private final ResultTable rounds;

  /** A sweep whose rows go to the tables {@code sweep} and {@code training} of a results folder. */
  public Sweep(SparkSession session, SweepSpec spec, Dataset dataset, Path results) {
    this.session = session;
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.spec = spec;
    this.dataset = dataset;
    this.workers = spec.workers() == 0 ? AveragedTraining.usualWorkers(spark) : spec.workers();
    this.compute = Compute.choose(spark, spec.engine(), spec.threads()).checkedForTasks(spark);
    Compute.checkAlone(spark, spec.latency().threads());
    this.table = new ResultTable(session, results, SweepTable.NAME, SweepTable.SCHEMA);
    this.rounds = new ResultTable(session, results, TrainingTable.NAME, TrainingTable.SCHEMA);
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
    var done = measured();
    var todo = new LinkedHashMap<String, NetworkSpec>();
    var keys = new TreeSet<String>();
    for (var network : spec.networks()) {
      var configuration = network.withClasses(dataset.classes().size());
      var key = key(configuration);
      keys.add(key);
      if (!done.contains(key)) {
        todo.putIfAbsent(key, configuration);
      }
    }
    LOG.info(
        "{} of {} configurations to measure on {} workers, {} done before",
        todo.size(),
        keys.size(),
        workers,
        keys.size() - todo.size());
    var progress = new Progress();
    int count = 0;
    for (var entry : todo.entrySet()) {
      measure(entry.getKey(), entry.getValue(), count++, todo.size(), progress);
    }
    return keys;
  }

  /** The rows of all sweeps in the results folder. */
  public ResultTable table() {
    return table;
  }

  private Set<String> measured() {
    return Set.copyOf(table.read().select("key").distinct().as(Encoders.STRING()).collectAsList());
  }

  /** Equal for configurations of which every number but a time would be equal. */
  private String key(NetworkSpec network) {
    return Sha256.of(
            String.join(
                "\n",
                network.hash(),
                spec.recipe().toHocon(),
                dataset.fingerprint(),
                "seed = " + spec.seed(),
                "workers = " + workers,
                "threads = " + compute.threads(), // which share a batch, and round otherwise
                compute.engine().id() + " " + spec.latency().toHocon()))
        .substring(0, 16);
  }

  private void measure(String key, NetworkSpec network, int index, int of, Progress progress) {
    long start = System.nanoTime();
    var name = String.format("[%d/%d] %s", index + 1, of, network.name());
    var row = identity(key, network);
    try {
      row.putAll(complexity(network));
      AveragedTraining.memoryShortage(network)
          .ifPresent(
              shortage -> {
                throw new IllegalStateException(shortage);
              });
      train(
          network,
          row,
          round -> {
            double share = (index + (double) round.number() / round.rounds()) / of;
            progress.at(share, () -> describe(name, round));
          });
      row.put("status", SweepTable.OK);
    } catch (Exception | OutOfMemoryError e) { // a network may be larger than the machine
      LOG.debug("{} failed", name, e);
      InvalidInputException.causeOf(e)
          .ifPresent(
              invalid -> {
                throw invalid;
              });
      var cause = rootCause(e);
      row.put("status", SweepTable.FAILED);
      row.put("error", cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }
    row.put("seconds", (System.nanoTime() - start) / 1e9);
    table.append(List.of(row));
    LOG.info("{}: {}", name, outcome(row));
  }

  private void train(NetworkSpec network, Map<String, Object> row, Consumer<Round> watcher) {
    long start = System.nanoTime();
    var log = new ArrayList<Round>();
    var training =
        new AveragedTraining(spark, dataset, network, spec.recipe(), workers, compute, spec.seed());
    var graph =
        training.run(
            round -> {
              log.add(round);
              watcher.accept(round);
            });
    var circumstances = Circumstances.of(session);
    var columns = training.identity().columns();
    var id = (String) row.get("key");
    rounds.append(
        log.stream().map(round -> TrainingTable.row(id, columns, circumstances, round)).toList());
    var last = log.get(log.size() - 1);
    row.put("images_seen", last.images());
    row.put("train_loss", last.loss());
    row.put("train_seconds", (System.nanoTime() - start) / 1e9);
    var weights = Dl4jModel.weights(network.network(), graph);
    graph.close();
    row.putAll(accuracy(evaluate(network, weights)));
    row.putAll(latency(spec.latency().run(spark, network, weights, compute.engine())));
  }

  private EvaluationCounts evaluate(NetworkSpec network, Weights weights) {
    return DistributedEvaluation.run(
        spark, network, weights, dataset, Dataset.VALIDATION, spec.recipe(), compute);
  }

  private Map<String, Object> identity(String key, NetworkSpec network) {
    var row = new LinkedHashMap<>(Circumstances.of(session));
    row.put("schema_version", SweepTable.SCHEMA_VERSION);
    row.put("started_at", Timestamp.from(Instant.now()));
    row.put("key", key);
    row.put("network", network.name());
    row.put("network_hash", network.hash());
    row.put("network_hocon", network.toHocon());
    row.put("resolution", network.resolution());
    row.put("classes", network.classes());
    row.put("recipe", spec.recipeName());
    row.put("recipe_hocon", spec.recipe().toHocon());
    row.put("dataset", spec.dataset());
    row.put("dataset_fingerprint", dataset.fingerprint());
    row.put("seed", spec.seed());
    row.put("workers", workers);
    row.put("threads", compute.threads());
    row.put("engine", compute.engine().id());
    row.put("latency_batch", spec.latency().batch());
    row.put("latency_threads", spec.latency().threads());
    return row;
  }

  private static Map<String, Object> complexity(NetworkSpec network) {
    var complexity = Complexity.of(network.network());
    return Map.of(
        "macs", complexity.macs(),
        "params", complexity.parameters(),
        "activations", complexity.activations(),
        "weight_bytes", complexity.weightBytes(),
        "peak_activation_bytes", complexity.peakActivationBytes());
  }

  private static Map<String, Object> accuracy(EvaluationCounts counts) {
    return Map.of(
        "val_images", counts.images(),
        "top1", counts.top1(),
        "top1_standard_error", counts.top1StandardError(),
        "top5", counts.top5(),
        "val_loss", counts.loss(),
        "chance", counts.chance());
  }

  private Map<String, Object> latency(LatencyTask.Measured measured) {
    var latency = measured.latency();
    return Map.of(
        "latency_queries", latency.queries(),
        "latency_mean_ms", latency.meanMs(),
        "latency_deviation_ms", latency.deviationMs(),
        "latency_p50_ms", latency.p50Ms(),
        "latency_p90_ms", latency.p90Ms(),
        "latency_p99_ms", latency.p99Ms(),
        "latency_cpu", measured.cpu());
  }

  private static String describe(String name, Round round) {
    return String.format(
        "%s: epoch %d, round %d of %d, loss %.2f",
        name, round.epoch(), round.number(), round.rounds(), round.loss());
  }

  private static String outcome(Map<String, Object> row) {
    return SweepTable.FAILED.equals(row.get("status"))
        ? "failed, " + row.get("error")
        : String.format(
            "top-1 %.1f%%, latency p50 %.1f ms",
            100 * (double) row.get("top1"), (double) row.get("latency_p50_ms"));
  }

  private static Throwable rootCause(Throwable e) {
    return e.getCause() == null ? e : rootCause(e.getCause());
  }
}
