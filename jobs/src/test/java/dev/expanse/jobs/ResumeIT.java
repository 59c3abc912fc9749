package dev.expanse.jobs;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.countDistinct;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training whose driver is killed, and goes on with {@code --resume}. */
class ResumeIT {
  /** {@code -Dexpanse.kills=20} makes it a longer test. */
  private static final int KILLS = Integer.getInteger("expanse.kills", 2);

  private static final String NETWORK =
      """
      name = small, family = inverted-residual, table = [[1, 8, 1, 1, 3], [3, 8, 2, 2, 3]]
      stem = 8, head = 16, resolution = 16, dropout = 0.2
      """;

  /** All that a training has to remember between rounds. */
  private static final String RECIPE =
      """
      batch = 16, epochs = 4, learning-rate = 0.1, schedule = cosine
      optimizer { name = sgd, momentum = 0.9 }, augment { min-scale = 0.5 }
      averaging {
        frequency = 24, outer { optimizer = nesterov, learning-rate = 1, momentum = 0.5 }
        ema = 0.9, recompute-statistics = 320
      }
      evaluation { every-epochs = 1, patience = 2 }
      """;

  private static final Pattern ROUND = Pattern.compile("Job \\d+ finished: .* AveragingMaster");
  private static final Pattern TRAINING = Pattern.compile("training = \"([^\"]+)\"");

  @TempDir private Path work;
  private int processes;

  @BeforeEach
  void write() throws IOException {
    Files.writeString(work.resolve("small.conf"), NETWORK);
    Files.writeString(work.resolve("short.conf"), RECIPE);
  }

  @Test
  @DisplayName("Killed at any moment and resumed, a training ends with the same bits")
  void killed() throws Exception {
    var undisturbed = model("undisturbed");
    long millis = undisturbed(undisturbed);
    var random = new Random(7);
    int kills = 0;
    for (int training = 0; kills < KILLS; training++) {
      var model = model("killed-" + training);
      kills += toTheEnd(model, KILLS - kills, () -> random.nextLong(millis / 2), undisturbed);

      model.requireEqualTo(undisturbed);
      requireRows(model);
    }
  }

  /** Trains in this process, and returns how long that took. */
  private long undisturbed(TrainedModel model) {
    LocalSpark.session(); // which the training takes
    long start = System.nanoTime();
    var run = CommandRun.of(job(model, "--keep", "1000").toArray(String[]::new));
    assertThat(run.status()).as("%s", run).isZero();
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
  }

  /**
   * Trains to the end, killed up to so many times on the way; returns how often it was. The first
   * time there is a checkpoint, so that it is not always begun anew.
   */
  private int toTheEnd(
      TrainedModel model, int mostKills, LongSupplier delay, TrainedModel undisturbed)
      throws Exception {
    long round = 0;
    for (int kills = 0; ; kills++) {
      boolean first = kills == 0;
      try (var application = submit(model, "--resume")) {
        application.await(
            "a round or the end",
            () -> first ? model.latest().isPresent() : hasMadeRound(application.log()));
        if (kills == mostKills || application.endsWithin(delay.getAsLong())) {
          application.awaitSuccess();
          return kills;
        }
        application.kill();
      }
      var latest = model.latest().orElseThrow();
      assertThat(latest.round()).isGreaterThanOrEqualTo(round);
      round = latest.round();
      TrainedModel.requireEqual(latest, undisturbed.checkpoint(round));
    }
  }

  /** A training that was killed after its last round makes no other, but its model. */
  private static boolean hasMadeRound(String log) {
    return ROUND.matcher(log).find() || log.contains("model: ");
  }

  /** Every round has its row, and so has every evaluation; those written twice say the same. */
  private void requireRows(TrainedModel model) {
    var last = model.latest().orElseThrow();
    var id = TRAINING.matcher(last.description()).results().findFirst().orElseThrow().group(1);
    var rounds = outcomes("training", id, "loss");
    assertThat(rounds).hasSize((int) last.round()).allMatch(row -> row.getLong(1) == 1);
    var evaluations = outcomes("evaluation", id, "loss");
    assertThat(evaluations).hasSizeBetween(3, 4).allMatch(row -> row.getLong(1) == 1);
  }

  private List<Row> outcomes(String table, String training, String column) {
    return LocalSpark.session()
        .read()
        .parquet(work.resolve("results").resolve(table).toString())
        .where(col("training").equalTo(training))
        .groupBy("round")
        .agg(countDistinct(col(column)))
        .collectAsList();
  }

  private TrainedModel model(String name) {
    return new TrainedModel(work.resolve(name));
  }

  private SubmittedApplication submit(TrainedModel model, String... options) throws IOException {
    var log = work.resolve("process-" + processes++ + ".log");
    return SubmittedApplication.local(log, job(model, options));
  }

  private List<String> job(TrainedModel model, String... options) {
    var job =
        List.of(
            "train",
            "--network",
            work.resolve("small.conf").toString(),
            "--recipe",
            work.resolve("short.conf").toString(),
            "--workers",
            "2",
            "--checkpoint-every",
            "3",
            "--output",
            model.folder().toString(),
            "--results",
            work.resolve("results").toString());
    return Stream.concat(job.stream(), Stream.of(options)).toList();
  }
}
