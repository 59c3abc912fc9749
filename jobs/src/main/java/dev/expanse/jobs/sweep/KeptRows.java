package dev.expanse.jobs.sweep;

import static org.apache.spark.sql.functions.max;

import dev.expanse.jobs.results.ResultTable;
import dev.expanse.jobs.training.TrainingTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rows of configurations that were measured, durable the moment they are kept. */
final class KeptRows {
  private static final Logger LOG = LoggerFactory.getLogger(KeptRows.class);

  private final ResultTable table;
  private final ResultTable rounds;
  private final Map<String, OptionalDouble> top1 = new ConcurrentHashMap<>();
  private final Set<String> failed = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> lastRounds = new HashMap<>();
  private int done;
  private int all;

  /** Those of a results folder. */
  KeptRows(SparkSession session, Path results) {
    this.table = new ResultTable(session, results, SweepTable.NAME, SweepTable.SCHEMA);
    this.rounds = new ResultTable(session, results, TrainingTable.NAME, TrainingTable.SCHEMA);
  }

  /** The table that they are in. */
  ResultTable table() {
    return table;
  }

  /** Reads what was kept before, by whatever process. */
  void read() {
    for (var row : table.read().select("key", "status", "top1").collectAsList()) {
      top1.merge(row.getAs("key"), top1(row), (first, other) -> first.isPresent() ? first : other);
      note(row.getAs("key"), row.getAs("status"));
    }
    for (var row : rounds.read().groupBy("training").agg(max("round")).collectAsList()) {
      lastRounds.put(row.getString(0), row.getInt(1));
    }
  }

  private void note(String key, Object status) {
    if (SweepTable.FAILED.equals(status)) {
      failed.add(key);
    }
  }

  private static OptionalDouble top1(Row row) {
    return top1(row.getAs("status"), row.<Double>getAs("top1"));
  }

  private static OptionalDouble top1(Object status, Object top1) {
    return SweepTable.OK.equals(status) && top1 != null
        ? OptionalDouble.of((double) top1)
        : OptionalDouble.empty();
  }

  /** Whether there is one of that key. */
  boolean has(Configuration configuration) {
    return top1.containsKey(configuration.key());
  }

  /** Whether there is one of that key, which says that it failed. */
  boolean hasFailed(Configuration configuration) {
    return failed.contains(configuration.key());
  }

  /** The keys of all of them. */
  Set<String> keys() {
    return Set.copyOf(top1.keySet());
  }

  /** What share a configuration recognises; empty if it was not trained to the end. */
  OptionalDouble top1(Configuration configuration) {
    return top1.getOrDefault(configuration.key(), OptionalDouble.empty());
  }

  /** So many are to be kept next, for people to see how many are left. */
  void expect(int configurations) {
    done = 0;
    all = configurations;
  }

  /** Keeps the rows of a training's rounds that are not kept yet. */
  void keepRounds(List<Map<String, Object>> rows) {
    var later = rows.stream().filter(row -> round(row) > lastRound(row)).toList();
    if (!later.isEmpty()) {
      rounds.append(later);
      var last = later.get(later.size() - 1);
      lastRounds.put((String) last.get("training"), round(last));
    }
  }

  private int lastRound(Map<String, Object> round) {
    return lastRounds.getOrDefault(round.get("training"), 0);
  }

  private static int round(Map<String, Object> row) {
    return (int) row.get("round");
  }

  /**
   * Keeps a configuration's row.
   *
   * @param name of the configuration, for people
   */
  void keep(String name, Map<String, Object> row) {
    table.append(List.of(row));
    top1.put((String) row.get("key"), top1(row.get("status"), row.get("top1")));
    note((String) row.get("key"), row.get("status"));
    done++;
    LOG.info("[{}/{}] {}: {}", done, Math.max(done, all), name, outcome(row));
  }

  private static String outcome(Map<String, Object> row) {
    var status = (String) row.get("status");
    return switch (status) {
      case SweepTable.FAILED, SweepTable.EXCEEDS -> status + ", " + row.get("error");
      default ->
          String.format(
              "%stop-1 %.1f%%, latency p50 %.2f ms",
              SweepTable.ELIMINATED.equals(status) ? "eliminated, " : "",
              100 * (double) row.get("top1"),
              (double) row.get("latency_p50_ms"));
    };
  }
}
