package dev.expanse.jobs.sweep;

import dev.expanse.core.config.Sha256;
import dev.expanse.jobs.results.ResultTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Successive halving, see {@link HalvingSpec}. Every evaluation at a rung is a row of the table
 * {@code rung}, and the training's state is kept while its configuration is in the race. A
 * configuration goes on by its top-1; of equals by its top-5, then its loss, then its hash, so that
 * a race that is run again ends alike. One that has failed does not go on.
 */
final class Halving {
  private static final Logger LOG = LoggerFactory.getLogger(Halving.class);
  private static final Comparator<Map<String, Object>> BEST_FIRST =
      Comparator.<Map<String, Object>>comparingInt(row -> ok(row) ? 0 : 1)
          .thenComparing(Comparator.comparingDouble(row -> -number(row, "top1")))
          .thenComparing(Comparator.comparingDouble(row -> -number(row, "top5")))
          .thenComparing(Comparator.comparingDouble(row -> number(row, "val_loss")));

  private final HalvingSpec spec;
  private final Race race;
  private final ResultTable table;
  private final Map<String, Map<String, Object>> rows = new HashMap<>();

  /** What halving needs of the sweep. */
  interface Race {
    /** Trains configurations up to a number of images, or to the end where that is null. */
    void train(List<Configuration> configurations, Long until, TaskTrainer.Watcher watcher);

    /**
     * Whether a configuration has its row in the table {@code sweep}, and nothing is to be done.
     */
    boolean isDone(Configuration configuration);

    /** Images of a training that is as long as a rung is high. */
    long images(int rung);

    /** Makes a row of the table {@code rung}. */
    Map<String, Object> rung(Configuration configuration, String key, int rung, Outcome outcome);

    /** A configuration is out of the race, or at its end. */
    void finished(Configuration configuration, Map<String, Object> columns);
  }

  /** A race that knows what was evaluated before. */
  Halving(HalvingSpec spec, Race race, ResultTable table) {
    this.spec = spec;
    this.race = race;
    this.table = table;
    for (var row : table.read().collectAsList()) {
      rows.merge(row.getAs("key"), RowValues.of(row), (one, other) -> ok(one) ? one : other);
    }
  }

  /** Runs the race of configurations, of which some may have been in it before. */
  void run(List<Configuration> configurations) {
    var left = new ArrayList<>(configurations);
    for (int rung = 1; rung <= spec.rungs().size(); rung++) {
      left = afterRung(left, rung, race.images(spec.rungs().get(rung - 1)));
    }
    race.train(todo(left), null, this::atTheEnd);
  }

  private ArrayList<Configuration> afterRung(List<Configuration> left, int rung, long images) {
    // one that failed and has no row, for that was deleted, is tried again
    var missing = todo(left).stream().filter(one -> !ok(rows.get(key(one, images)))).toList();
    LOG.info("Rung {}: {} configurations, {} to train up to it", rung, left.size(), missing.size());
    race.train(
        missing,
        images,
        (configuration, outcome) -> {
          var row = race.rung(configuration, key(configuration, images), rung, outcome);
          table.append(List.of(row));
          rows.put((String) row.get("key"), row);
          if (!ok(row)) { // now, or a race that is killed tries it again
            out(configuration, row, rung);
          }
        });
    var ranked = new ArrayList<>(left);
    ranked.removeIf(one -> !rows.containsKey(key(one, images))); // was refused when the race began
    ranked.sort(
        Comparator.<Configuration, Map<String, Object>>comparing(
                one -> rows.get(key(one, images)), BEST_FIRST)
            .thenComparing(Configuration::training));
    int kept = spec.kept(ranked.size());
    var on = new ArrayList<Configuration>();
    for (var one : ranked) {
      var row = rows.get(key(one, images));
      if (ok(row) && on.size() < kept) {
        on.add(one);
      } else if (ok(row)) { // what failed is out already
        out(one, row, rung);
      }
    }
    return on;
  }

  private List<Configuration> todo(List<Configuration> some) {
    return some.stream().filter(one -> !race.isDone(one)).toList();
  }

  private void out(Configuration configuration, Map<String, Object> row, int rung) {
    if (race.isDone(configuration)) {
      return;
    }
    var columns = measured(row);
    columns.put("status", ok(row) ? SweepTable.ELIMINATED : SweepTable.FAILED);
    columns.put("rung", rung);
    race.finished(configuration, columns);
  }

  private void atTheEnd(Configuration configuration, Outcome outcome) {
    var columns = new HashMap<>(outcome.columns());
    columns.put("rung", spec.rungs().size() + 1);
    race.finished(configuration, columns);
  }

  /** Which rung a row is of does not matter to it: other rungs may be added. */
  private static String key(Configuration configuration, long images) {
    return Sha256.of(configuration.training() + "\nimages = " + images).substring(0, 16);
  }

  private static HashMap<String, Object> measured(Map<String, Object> row) {
    var columns = new HashMap<String, Object>();
    for (var column :
        List.of(
            "started_at",
            "images_seen",
            "train_seconds",
            "train_loss",
            "val_images",
            "top1",
            "top1_standard_error",
            "top5",
            "val_loss",
            "chance",
            "error",
            "seconds")) {
      if (row.get(column) != null) {
        columns.put(column, row.get(column));
      }
    }
    return columns;
  }

  private static boolean ok(Map<String, Object> row) {
    return row != null && SweepTable.OK.equals(row.get("status"));
  }

  private static double number(Map<String, Object> row, String column) {
    return row.get(column) instanceof Number number ? number.doubleValue() : 0;
  }
}
