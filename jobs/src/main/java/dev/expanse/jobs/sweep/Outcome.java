package dev.expanse.jobs.sweep;

import dev.expanse.jobs.evaluation.EvaluationCounts;
import java.io.Serializable;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What has come of the training of one configuration.
 *
 * @param rounds rows of the table {@code training}, from the first round on
 * @param startedAt when it was begun
 * @param seconds how long all of it took
 * @param counts of its evaluation; null if it failed
 * @param error why it failed; null if it did not
 * @param outOfMemory whether it failed for want of memory, which others may have taken
 */
record Outcome(
    ArrayList<Map<String, Object>> rounds,
    Instant startedAt,
    double seconds,
    EvaluationCounts counts,
    String error,
    boolean outOfMemory)
    implements Serializable {

  static Outcome measured(
      List<Map<String, Object>> rounds,
      Instant startedAt,
      double seconds,
      EvaluationCounts counts) {
    return new Outcome(new ArrayList<>(rounds), startedAt, seconds, counts, null, false);
  }

  static Outcome failed(
      List<Map<String, Object>> rounds, Instant startedAt, double seconds, Throwable e) {
    return new Outcome(
        new ArrayList<>(rounds),
        startedAt,
        seconds,
        null,
        Failure.reason(e),
        Failure.isOutOfMemory(e));
  }

  private static double seconds(Map<String, Object> round) {
    return (double) round.get("seconds");
  }

  /** The columns that say so in the tables {@code sweep} and {@code rung}. */
  Map<String, Object> columns() {
    var row = new HashMap<String, Object>();
    row.put("started_at", Timestamp.from(startedAt));
    row.put("seconds", seconds);
    if (error != null) {
      row.put("status", SweepTable.FAILED);
      row.put("error", error);
      return row;
    }
    row.put("status", SweepTable.OK);
    row.put("train_seconds", rounds.stream().mapToDouble(Outcome::seconds).sum());
    if (!rounds.isEmpty()) {
      var last = rounds.get(rounds.size() - 1);
      row.put("images_seen", last.get("images_seen"));
      row.put("train_loss", last.get("loss"));
    }
    row.put("val_images", counts.images());
    row.put("top1", counts.top1());
    row.put("top1_standard_error", counts.top1StandardError());
    row.put("top5", counts.top5());
    row.put("val_loss", counts.loss());
    row.put("chance", counts.chance());
    return row;
  }
}
