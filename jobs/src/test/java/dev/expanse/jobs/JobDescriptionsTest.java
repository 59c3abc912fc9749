package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Spark is told that its jobs are for: by a listener, as the event log is written by one. */
class JobDescriptionsTest {
  private static final String NETWORK =
      "name = small, family = inverted-residual, table = [[1, 8, 1, 2, 3]], stem = 8, head = 16\n";
  private static final String SWEEP =
      """
      recipe = quick, resolution = 16, recipe-changes { batch = 8, epochs = 2 }
      latency { warm-up-seconds = 0, queries = 5 }
      """;

  @TempDir private static Path folder;

  @BeforeAll
  static void prepare() throws Exception {
    var images = ImageFolders.write(folder.resolve("images"), 9, 4);
    Files.writeString(folder.resolve("images/train/red/bad.jpg"), "no image");
    Files.writeString(
        folder.resolve("small.conf"), NETWORK + "resolution = 16, classes = 4, width = 1");
    Files.writeString(
        folder.resolve("short.conf"),
        """
        batch = 8, epochs = 2, learning-rate = 0.05
        averaging { frequency = 1, recompute-statistics = 8 }, evaluation { every-epochs = 1 }
        """);
    var prepared =
        descriptions(
            "prepare", "--max-bad", "0.5", "--input", images.toString(), "--output", path("data"));

    assertThat(prepared)
        .contains("prepare, looking at 37 images", "prepare, writing shards of train");
    assertThat(prepared).anyMatch(what -> what.contains("quarantine"));
  }

  @Test
  @DisplayName("Jobs of a training name network, seed, epoch and round, also what comes between")
  void train() throws Exception {
    var train =
        descriptions(
            "train",
            "--network",
            path("small.conf"),
            "--recipe",
            path("short.conf"),
            "--dataset",
            path("data"),
            "--workers",
            "2",
            "--seed",
            "7",
            "--output",
            path("model"));

    // 36 images, 2 workers, batch 8: 2 steps an epoch, each a round
    for (var round : List.of("epoch 1, round 1", "epoch 1, round 2", "epoch 2, round 4")) {
      assertThat(train).contains("train, small, seed 7, " + round + " of 4");
    }
    var last = "train, small, seed 7, epoch 2, round 4 of 4, ";
    assertThat(train)
        .contains("train, small, seed 7, epoch 1, round 2 of 4, evaluation on val")
        .noneMatch(what -> what.contains("rows of training")) // no job: they are few
        .contains(last + "evaluation on val", last + "statistics of batch norms")
        .doesNotContain("train, small, seed 7");

    var evaluate = descriptions("evaluate", "--model", path("model"), "--dataset", path("data"));
    assertThat(evaluate).contains("evaluate, small, evaluation on val");
  }

  @Test
  @DisplayName("Jobs of a sweep name the configuration, its seed, and epoch and round")
  void averagedSweep() throws Exception {
    var sweep = sweep("averaged", "workers = 2, configurations = [{ " + NETWORK + " }]");

    assertThat(sweep)
        .contains("sweep, small, latency of batch 1 on onednn")
        .contains("sweep, small, seed 1, epoch 1, round 1 of 2")
        .contains("sweep, small, seed 1, epoch 2, round 2 of 2")
        .contains("sweep, small, seed 1, evaluation on val")
        .noneMatch(what -> what.contains("rows of"));
  }

  @Test
  @DisplayName("Of a configuration in one task the job says how far it goes")
  void taskSweep() throws Exception {
    var sweep =
        sweep(
            "tasks",
            """
            configurations = [{ %s, width = [1, 2] }]
            seeds = [3], halving { rungs = [1], keep = 0.5 }, recipe-changes.averaging.frequency = 2
            """
                .formatted(NETWORK));

    // 36 images, batch 8: 5 steps an epoch, rounds of 2, 2 and 1
    assertThat(sweep)
        .contains("sweep, small-w1, seed 3, up to epoch 1, round 3 of 6")
        .contains("sweep, small-w2, seed 3, up to epoch 1, round 3 of 6")
        .containsAnyOf(
            "sweep, small-w1, seed 3, up to epoch 2, round 6 of 6",
            "sweep, small-w2, seed 3, up to epoch 2, round 6 of 6");
    assertThat(descriptions("report")).isNotEmpty();
    assertThat(descriptions("compact")).contains("compact, sweep", "compact, rung");
  }

  @Test
  @DisplayName("Other jobs name at least the command, and the network or space if there is one")
  void others() throws Exception {
    assertThat(
            descriptions(
                "latency",
                "--network",
                path("small.conf"),
                "--queries",
                "5",
                "--warm-up-seconds",
                "0"))
        .contains("latency, small, latency of batch 1 on onednn");
    assertThat(descriptions("complexity", "--space", "mobilenet-v2", "--samples", "4"))
        .contains("complexity, mobilenet-v2, rows of complexity", "complexity, mobilenet-v2");
  }

  private static List<String> sweep(String train, String settings) throws Exception {
    var file = folder.resolve(train + ".conf");
    var data = "dataset = \"" + path("data") + "\", train = " + train + "\n";
    Files.writeString(file, data + SWEEP + settings);
    return descriptions("sweep", file.toString());
  }

  /** Those of all jobs that a command starts, of which each has one. */
  private static List<String> descriptions(String... words) throws Exception {
    var all = new ArrayList<>(Arrays.asList(words));
    if (!words[0].equals("prepare")) {
      all.addAll(List.of("--results", path("results")));
    }
    var spark = LocalSpark.context().sc();
    var descriptions = new CopyOnWriteArrayList<String>();
    var listener =
        new SparkListener() {
          @Override
          public void onJobStart(SparkListenerJobStart job) {
            var what = job.properties().getProperty("spark.job.description");
            descriptions.add(String.valueOf(what));
          }
        };
    spark.addSparkListener(listener);
    try {
      var outcome = CommandRun.of(all.toArray(String[]::new));
      assertThat(outcome.status()).as(outcome.err()).isZero();
      spark.listenerBus().waitUntilEmpty();
    } finally {
      spark.removeSparkListener(listener);
    }
    assertThat(descriptions).allMatch(what -> what.startsWith(words[0])).isNotEmpty();
    return descriptions;
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }
}
