package dev.expanse.jobs.sweep;

import dev.expanse.core.config.Sha256;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.progress.Progress;
import dev.expanse.jobs.results.Circumstances;
import dev.expanse.jobs.results.ResultTable;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The latencies of a sweep's networks, measured one after another before any of them is trained:
 * the application runs nothing else meanwhile. Each is a row, durable at once, and what has a row
 * is not measured again.
 */
final class LatencyPhase {
  private static final Logger LOG = LoggerFactory.getLogger(LatencyPhase.class);

  private final SparkSession session;
  private final JavaSparkContext spark;
  private final List<LatencyTask> tasks;
  private final ResultTable table;
  private final Map<String, Map<String, Object>> rows = new HashMap<>();

  /**
   * Knows what was measured before.
   *
   * @param tasks what is measured of each network
   */
  LatencyPhase(SparkSession session, Path results, List<LatencyTask> tasks) {
    this.session = session;
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.tasks = tasks;
    this.table = new ResultTable(session, results, LatencyTable.NAME, LatencyTable.SCHEMA);
    for (var row : table.read().collectAsList()) {
      rows.put(row.getAs("key"), RowValues.of(row));
    }
  }

  /** Measures what has no row. */
  void measure(Collection<NetworkSpec> networks) {
    var progress = new Progress();
    int done = 0;
    for (var network : networks) {
      for (var task : tasks) {
        var key = key(network, task);
        if (!rows.containsKey(key)) {
          var row = row(key, network, task);
          table.append(List.of(row));
          rows.put(key, row);
        }
      }
      done++;
      int measured = done;
      progress.at(
          (double) done / networks.size(),
          () -> "latency of %d of %d networks".formatted(measured, networks.size()));
    }
  }

  private static String key(NetworkSpec network, LatencyTask task) {
    return Sha256.of(network.hash() + "\n" + task.toHocon()).substring(0, 16);
  }

  /** Why the first of the tasks could not be measured of a network, if so. */
  Optional<String> failure(NetworkSpec network) {
    return Optional.ofNullable((String) first(network).get("error"));
  }

  /**
   * The columns of {@link SweepTable} that say what the first of the tasks has measured; none where
   * it was not to be measured.
   */
  Map<String, Object> columns(NetworkSpec network) {
    var row = first(network);
    if (row == null) {
      return Map.of();
    }
    var columns = new HashMap<String, Object>();
    for (var column :
        List.of(
            "batch",
            "threads",
            "queries",
            "mean_ms",
            "deviation_ms",
            "p50_ms",
            "p90_ms",
            "p99_ms",
            "cpu",
            "gpu",
            "steady",
            "quiet",
            "noise")) {
      columns.put("latency_" + column, row.get(column));
    }
    return columns;
  }

  private Map<String, Object> first(NetworkSpec network) {
    return rows.get(key(network, tasks.get(0)));
  }

  private Map<String, Object> row(String key, NetworkSpec network, LatencyTask task) {
    long start = System.nanoTime();
    var row = new LinkedHashMap<>(Circumstances.of(session));
    row.put("schema_version", LatencyTable.SCHEMA_VERSION);
    row.put("started_at", Timestamp.from(Instant.now()));
    row.put("key", key);
    row.put("network", network.name());
    row.put("network_hash", network.hash());
    row.put("network_hocon", network.toHocon());
    row.put("resolution", network.resolution());
    row.put("classes", network.classes());
    row.put("engine", task.engine());
    row.put("threads", task.threads());
    row.put("batch", task.batch());
    row.put("protocol", task.protocol().toHocon());
    try {
      row.putAll(outcome(task, task.run(spark, network)));
      row.put("status", SweepTable.OK);
    } catch (Exception | OutOfMemoryError e) { // a network may be larger than the machine
      LOG.debug("{} failed", network.name(), e);
      Failure.requireRunning(spark, e);
      row.put("error", Failure.reason(e));
      row.put("status", SweepTable.FAILED);
      LOG.info("{}: latency failed, {}", network.name(), row.get("error"));
    }
    row.put("seconds", (System.nanoTime() - start) / 1e9);
    return row;
  }

  private static Map<String, Object> outcome(LatencyTask task, LatencyTask.Measured measured) {
    var queries = measured.queries();
    var latency = queries.latency();
    var columns = new HashMap<String, Object>();
    columns.put("queries", latency.queries());
    columns.put("warm_up_queries", queries.warmUpQueries());
    columns.put("steady", queries.steady());
    columns.put("quiet", queries.quiet());
    columns.put("disturbed_queries", queries.disturbedQueries());
    columns.put("mean_ms", latency.meanMs());
    columns.put("deviation_ms", latency.deviationMs());
    columns.put("p50_ms", latency.p50Ms());
    columns.put("p90_ms", latency.p90Ms());
    columns.put("p99_ms", latency.p99Ms());
    columns.put("images_per_second", latency.imagesPerSecond(task.batch()));
    columns.put("calibration_before_ms", measured.calibrationBeforeMs());
    columns.put("calibration_after_ms", measured.calibrationAfterMs());
    columns.put("calibration_fastest_ms", measured.calibrationFastestMs());
    columns.put("noise", queries.noise());
    columns.put("cores", measured.load().cores());
    columns.put("cores_idle", measured.load().coresIdle());
    columns.put("load_before", measured.load().loadBefore());
    columns.put("load_after", measured.load().loadAfter());
    columns.put("host", measured.host());
    columns.put("cpu", measured.cpu());
    columns.put("gpu", measured.gpu());
    return columns;
  }
}
