package dev.expanse.jobs.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.Settings;
import dev.expanse.jobs.LocalSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sweep has on disk at a moment is what it leaves if it is killed then: it is copied. */
class InterruptedSweepTest {
  private static final int ROUNDS = 20;

  @TempDir private static Path folder;
  private static SmallSweeps sweeps;
  @TempDir private Path work;

  @BeforeAll
  static void prepare() {
    sweeps = SmallSweeps.in(folder);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"train = tasks", "train = averaged, workers = 2", "halving.rungs = [2]"})
  @DisplayName("A training goes on where it was when its sweep was killed, to the same numbers")
  void goesOn(String train) throws IOException {
    var undisturbed = sweep(work.resolve("all"), train);
    var killed = work.resolve("killed");
    int left = leave(undisturbed, work.resolve("all"), killed);

    var again = sweep(killed, train);
    again.run();

    assertThat(left).isBetween(3, ROUNDS - 1);
    var all = rounds(work.resolve("all"));
    var rounds = rounds(killed);
    assertThat(numbers(rounds)).isEqualTo(numbers(all)).hasSize(ROUNDS);
    // how long they took tells which rounds the other process has made
    assertThat(seconds(rounds).subList(0, left)).isEqualTo(seconds(all).subList(0, left));
    assertThat(seconds(rounds).subList(left, ROUNDS)).doesNotContainAnyElementsOf(seconds(all));
    assertThat(SmallSweeps.outcomes(SmallSweeps.rows(again)))
        .isEqualTo(SmallSweeps.outcomes(SmallSweeps.rows(undisturbed)))
        .hasSize(1);
    assertThat(SmallSweeps.rows(again).get(0).<Double>getAs("train_seconds"))
        .isCloseTo(seconds(rounds).stream().mapToDouble(one -> one).sum(), within(1e-9));
    assertThat(SmallSweeps.rows(again).get(0).<Object>getAs("started_at"))
        .isEqualTo(SmallSweeps.rows(undisturbed).get(0).<Object>getAs("started_at"));
    assertThat(killed.resolve("checkpoints")).isEmptyDirectory();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"train = tasks", "halving.rungs = [19]"})
  @DisplayName("What failed goes on from its last state when its row is deleted")
  void failed(String train) throws IOException {
    var settings =
        """
        configurations = [{ name = diverging, base = vgg-11, width = 0.1, resolution = 32 }]
        recipe-changes { learning-rate = 2, schedule { name = cosine, warm-up-epochs = 15 } }
        """
            + train;
    var first = sweep(work, settings);
    first.run();
    var before = SmallSweeps.rows(first).get(0);
    FileUtils.deleteDirectory(work.resolve("sweep").toFile());

    var second = sweep(work, settings);
    second.run();

    assertThat(values(SmallSweeps.rows(second), "status", "error", "started_at"))
        .isEqualTo(values(List.of(before), "status", "error", "started_at"));
    assertThat(before.<String>getAs("error")).startsWith("the loss is ");
    assertThat(SmallSweeps.rows(second).get(0).<Double>getAs("seconds"))
        .isNotEqualTo(before.<Double>getAs("seconds")); // else it is the same row
    assertThat(rounds(work))
        .isNotEmpty()
        .extracting(row -> row.getAs("round"))
        .doesNotHaveDuplicates();
  }

  @Test
  @DisplayName(
      "Where states can be neither kept nor read, trainings come to their end all the same")
  void noStates() throws IOException {
    var results = Files.createDirectories(work.resolve("all"));
    Files.writeString(results.resolve("checkpoints"), "a file in the folder's place");
    var sweep = sweep(results, "");

    sweep.run();

    assertThat(SmallSweeps.rows(sweep))
        .extracting(row -> row.getAs("status"))
        .containsExactly("ok");
    assertThat(results.resolve("checkpoints")).isRegularFile();
  }

  @Test
  @DisplayName("What was refused when a race began, and could be trained now, is not in it")
  void refusedBefore() throws IOException {
    var settings = "halving.rungs = [1], seeds = [1, 2]";
    sweep(work.resolve("all"), settings).run();
    for (var file : files(work.resolve("all/sweep"), ".parquet")) {
      if (LocalSpark.session().read().parquet(file.toString()).first().<Long>getAs("seed") == 1) {
        FileUtils.copyFileToDirectory(file.toFile(), work.resolve("again/sweep/run=a").toFile());
      }
    }
    var again = sweep(work.resolve("again"), settings);
    again.run();

    assertThat(SmallSweeps.rows(again))
        .extracting(row -> row.getAs("seed"), row -> row.getAs("run").equals("a"))
        .containsExactly(tuple(1L, true), tuple(2L, false));
    assertThat(rungs(work.resolve("again"))).hasSize(1);
  }

  @Test
  @DisplayName("A state that is further than a rung is not what the rung is judged by")
  void pastRung() throws IOException {
    var killed = work.resolve("killed");
    leave(sweep(work.resolve("all"), ""), work.resolve("all"), killed);
    var halving = "halving.rungs = [1]";

    sweep(killed, halving).run();
    sweep(work.resolve("fresh"), halving).run();

    assertThat(rungs(killed)).isEqualTo(rungs(work.resolve("fresh"))).hasSize(1);
    assertThat(numbers(rounds(killed)))
        .isEqualTo(numbers(rounds(work.resolve("fresh"))))
        .hasSize(ROUNDS);
  }

  private static Sweep sweep(Path results, String settings) {
    var hocon =
        """
        dataset = unused, recipe = quick, resolution = 16, checkpoint-seconds = 0
        recipe-changes { batch = 8, epochs = %d }
        latency { warm-up-seconds = 0, queries = 5, patience-seconds = 0 }
        configurations = [{
          name = small, family = inverted-residual, table = [[1, 8, 1, 2, 3]], stem = 8, head = 16
        }]
        %s
        """
            .formatted(ROUNDS, settings);
    var path = new org.apache.hadoop.fs.Path(results.toUri());
    var spec = SweepSpec.read(Settings.parse(hocon, "sweep.conf"));
    return new Sweep(LocalSpark.session(), spec, sweeps.dataset(), path);
  }

  /** Runs a sweep, copies what it would leave if it were killed, and says after which round. */
  private static int leave(Sweep sweep, Path results, Path copy) throws IOException {
    var running = CompletableFuture.runAsync(sweep::run);
    var state = Optional.<Path>empty();
    while (state.isEmpty()) {
      assertThat(running).isNotDone();
      state = copied(results, copy);
    }
    running.join();
    return round(state.get());
  }

  private static Optional<Path> copied(Path results, Path copy) throws IOException {
    for (var state : files(results.resolve("checkpoints"), ".checkpoint")) {
      if (round(state) >= 3) {
        for (var table : List.of("training", "rung")) { // before the state, which goes on
          if (Files.exists(results.resolve(table))) {
            FileUtils.copyDirectory(results.resolve(table).toFile(), copy.resolve(table).toFile());
          }
        }
        var place = copy.resolve(results.relativize(state));
        Files.createDirectories(place.getParent());
        try {
          Files.copy(state, place);
          return Optional.of(state);
        } catch (NoSuchFileException e) {
          Thread.onSpinWait(); // the next one has taken its place
        }
      }
    }
    return Optional.empty();
  }

  private static List<Path> files(Path folder, String ending) {
    try (var files = Files.find(folder, 2, (file, a) -> file.toString().endsWith(ending))) {
      return files.toList();
    } catch (IOException | UncheckedIOException e) { // there are none yet, or no more
      return List.of();
    }
  }

  private static int round(Path checkpoint) {
    return Integer.parseInt(checkpoint.getFileName().toString().replaceAll("\\D", ""));
  }

  private static List<Row> rounds(Path results) {
    var rounds = LocalSpark.session().read().parquet(results.resolve("training").toString());
    return rounds.orderBy("round").collectAsList();
  }

  private static List<List<Object>> numbers(List<Row> rows) {
    return values(
        rows, "training", "epoch", "round", "step", "images_seen", "loss", "learning_rate");
  }

  private static List<Double> seconds(List<Row> rounds) {
    return rounds.stream().map(row -> row.<Double>getAs("seconds")).toList();
  }

  private static List<List<Object>> rungs(Path results) {
    var rungs = LocalSpark.session().read().parquet(results.resolve("rung").toString());
    return values(rungs.collectAsList(), "rung", "top1", "val_loss", "train_loss", "images_seen");
  }

  private static List<List<Object>> values(List<Row> rows, String... columns) {
    return rows.stream().map(row -> Stream.of(columns).<Object>map(row::getAs).toList()).toList();
  }
}
