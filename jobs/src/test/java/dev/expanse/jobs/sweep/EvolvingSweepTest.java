package dev.expanse.jobs.sweep;

import static dev.expanse.jobs.sweep.SmallSweeps.outcomes;
import static dev.expanse.jobs.sweep.SmallSweeps.rows;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.config.Settings;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.space.Evolution;
import dev.expanse.jobs.space.Search;
import dev.expanse.jobs.space.SearchSpace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvolvingSweepTest {
  private static final String EVOLUTION =
      "search { strategy = evolution, population = 2, generations = 2, mutation = 0.3, seed = 5 }";
  private static final int MEASURED = 2 * 3;

  @TempDir private static Path folder;
  private static SmallSweeps sweeps;
  @TempDir private Path results;

  @BeforeAll
  static void prepare() {
    sweeps = SmallSweeps.in(folder);
  }

  @Test
  @DisplayName("A space evolves by the top-1 of trained networks; run again, nothing is measured")
  void evolves() {
    var sweep = sweeps.sweep(results, EVOLUTION, "");
    var keys = sweep.run();
    var before = rows(sweep);

    assertThat(before).hasSize(MEASURED);
    assertThat(before).extracting(row -> row.<String>getAs("key")).hasSameElementsAs(keys);
    assertThat(before).extracting(row -> row.getAs("status")).containsOnly(SweepTable.OK);
    assertThat(names(before)).hasSameElementsAs(replayed(EVOLUTION, before));
    var again = sweeps.sweep(results, EVOLUTION, "");
    assertThat(again.run()).isEqualTo(keys);
    assertThat(rows(again)).isEqualTo(before);
  }

  @Test
  @DisplayName("With more generations only the further ones are measured")
  void goesOn() {
    var first = sweeps.sweep(results, EVOLUTION.replace("generations = 2", "generations = 1"), "");
    var keys = first.run();
    var before = rows(first);

    var longer = sweeps.sweep(results, EVOLUTION, "");
    assertThat(longer.run()).hasSize(MEASURED).containsAll(keys);
    assertThat(rows(longer)).hasSize(MEASURED).containsAll(before);
    assertThat(before).hasSize(4);
  }

  @Test
  @DisplayName(
      "Ended in the middle of a generation and begun again, it comes to what it would have")
  void resumes() throws InterruptedException {
    var undisturbed = sweeps.sweep(folder.resolve("undisturbed"), EVOLUTION, "");
    var keys = undisturbed.run();

    var first = sweeps.sweep(results, EVOLUTION, "");
    assertThat(endedAtTraining(3, first)).isNotNull();
    var before = rows(first);
    var second = sweeps.sweep(results, EVOLUTION, "");

    assertThat(second.run()).isEqualTo(keys);
    assertThat(before).hasSizeBetween(2, 5);
    assertThat(rows(second)).hasSize(MEASURED).containsAll(before);
    assertThat(outcomes(rows(second))).isEqualTo(outcomes(rows(undisturbed)));
  }

  /** What a sweep ends with that is interrupted once its nth training has begun. */
  private static Throwable endedAtTraining(int nth, Sweep sweep) throws InterruptedException {
    var failure = new AtomicReference<Throwable>();
    var running = new Thread(sweep::run, "a sweep to end");
    running.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
    var listener =
        new SparkListener() {
          private int trainings;

          @Override
          public void onJobStart(SparkListenerJobStart job) {
            var group = job.properties().getProperty("spark.jobGroup.id", "");
            if (group.startsWith("sweep ") && ++trainings == nth) {
              running.interrupt();
            }
          }
        };
    LocalSpark.context().sc().addSparkListener(listener);
    try {
      running.start();
      running.join();
    } finally {
      LocalSpark.context().sc().removeSparkListener(listener);
    }
    return failure.get();
  }

  @Test
  @DisplayName("By averaging with one worker it evolves as in tasks")
  void averaged() {
    var tasks = sweeps.sweep(results, EVOLUTION, "");
    tasks.run();
    var averaged = sweeps.sweep(results.resolve("averaged"), EVOLUTION, "workers = 1");
    averaged.run();

    assertThat(rows(averaged)).extracting(row -> row.getAs("train")).containsOnly("averaged");
    assertThat(outcomes(rows(averaged))).isEqualTo(outcomes(rows(tasks)));
  }

  @Test
  @DisplayName("A score is the mean over the seeds")
  void seeds() {
    var sweep = sweeps.sweep(results, EVOLUTION, "seeds = [3, 1]");

    assertThat(sweep.run()).hasSize(2 * MEASURED);
    var rows = rows(sweep);
    assertThat(rows).extracting(row -> row.getAs("seed")).containsOnly(1L, 3L);
    assertThat(names(rows)).hasSameElementsAs(replayed(EVOLUTION, rows));
  }

  @Test
  @DisplayName("What fails has no children, and is not tried again")
  void failures() {
    var space = "resolution = [16, 4096], head = 1024\n" + EVOLUTION; // maps of 34 GB
    var sweep = sweeps.sweep(results, space, "");
    var keys = sweep.run();
    var before = rows(sweep);

    assertThat(before)
        .extracting(row -> row.getAs("status"))
        .contains(SweepTable.OK, SweepTable.FAILED);
    assertThat(names(before)).hasSameElementsAs(replayed(space, before));
    assertThat(sweeps.sweep(results, space, "").run()).isEqualTo(keys);
    assertThat(rows(sweep)).isEqualTo(before);
  }

  @Test
  @DisplayName("Listed configurations are measured first, and the space evolves as without them")
  void listed() {
    var listed = "configurations = [{ base = ecnn, width = 0.1 }]";
    var sweep = sweeps.sweep(results, EVOLUTION, listed);

    assertThat(sweep.run()).hasSize(1 + MEASURED);
    var rows = sweep.table().read().orderBy("started_at").collectAsList();
    assertThat(rows.get(0).<String>getAs("network")).isEqualTo("ecnn");
    var others = rows.subList(1, rows.size());
    assertThat(names(others)).hasSize(MEASURED).hasSameElementsAs(replayed(EVOLUTION, others));
  }

  /** The networks that evolution comes to if it believes the rows. */
  private static List<String> replayed(String ofSpace, List<Row> rows) {
    var space = SearchSpace.read(Settings.parse(SmallSweeps.SPACE + ofSpace, "space.conf"));
    var byNetwork = rows.stream().collect(groupingBy(row -> row.<String>getAs("network")));
    var names = new ArrayList<String>();
    Evolution.run(
        space,
        (Search.Evolve) space.search(),
        generation -> {
          var scores = new ArrayList<OptionalDouble>();
          for (var candidate : generation.candidates()) {
            names.add(candidate.spec().name());
            var of = byNetwork.get(candidate.spec().name());
            boolean trained = of.stream().allMatch(row -> "ok".equals(row.getAs("status")));
            double sum = of.stream().mapToDouble(row -> trained ? row.getAs("top1") : 0).sum();
            scores.add(trained ? OptionalDouble.of(sum / of.size()) : OptionalDouble.empty());
          }
          return scores;
        });
    return names;
  }

  private static List<String> names(List<Row> rows) {
    return rows.stream().map(row -> row.<String>getAs("network")).distinct().toList();
  }
}
