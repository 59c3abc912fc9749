package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus would read while a network is trained, with the settings that conf/ has. */
class MetricsIT {
  private static final Path CONF = Path.of("..", "conf");

  /** A line of what Spark serves: a name, labels that say nothing new, and a value. */
  private static final Pattern LINE = Pattern.compile("(\\w+)\\{[^}]*} (\\S+)");

  private static final Pattern RULE =
      Pattern.compile(
          "regex: '(?<regex>.+)'\\s+(?:target_label: (?<label>\\w+)\\s+replacement: '(?<to>.+)'|action: drop)");

  @TempDir private static Path work;

  @BeforeAll
  static void write() throws IOException {
    Files.writeString(
        work.resolve("small.conf"),
        """
        name = small, family = inverted-residual, table = [[1, 8, 1, 2, 3]], stem = 8, head = 16
        resolution = 16
        """);
    Files.writeString(
        work.resolve("short.conf"),
        "batch = 16, images = 3000, learning-rate = 0.05, averaging.frequency = 10");
    Files.writeString(
        work.resolve("long.conf"),
        "batch = 16, epochs = 30, learning-rate = 0.05, averaging.frequency = 10");
  }

  @Test
  @DisplayName("The page says the images, rounds and loss that the training's own rows say")
  void asTheRows() throws Exception {
    var page = LoopbackPage.free();
    Map<String, Double> metrics = Map.of();
    var job = train("short");
    try (var training =
        SubmittedApplication.local(work.resolve("local.log"), settings(page), job)) {
      while (!training.endsWithin(20)) {
        metrics = scraped(page).filter(some -> some.containsKey("expanse_images")).orElse(metrics);
      }
      training.awaitSuccess();
    }

    var rows =
        LocalSpark.session()
            .read()
            .parquet(work.resolve("short-results/training").toString())
            .orderBy("round")
            .collectAsList();
    var last = rows.get(rows.size() - 1);
    assertThat(metrics)
        .containsEntry("expanse_images", (double) last.<Long>getAs("images_seen"))
        .containsEntry("expanse_steps", 2.0 * last.<Long>getAs("step")) // of two workers
        .containsEntry("expanse_rounds", (double) rows.size())
        .containsEntry("expanse_round_loss", last.<Double>getAs("loss"))
        .containsKeys("expanse_step_loss", "expanse_queues", "expanse_queue_depth");
    assertThat(metrics.get("expanse_round_images_per_second")).isPositive();
    assertThat(metrics.get("expanse_images_per_second")).isPositive();
  }

  @Test
  @DisplayName("On a cluster the driver's page has the metrics of every executor")
  void ofExecutors() throws Exception {
    var page = LoopbackPage.free();
    var home = SubmittedApplication.sparkHome(work.resolve("spark"));
    var log = work.resolve("executors.log");
    try (var training =
        SubmittedApplication.onTwoExecutors(log, home, settings(page), train("long"))) {
      var last = new AtomicReference<Map<String, Double>>();
      training.await(
          "the executors' images and queues, and the driver's first round",
          () -> {
            var metrics = scraped(page).orElse(Map.of());
            last.set(metrics);
            return List.of("0", "1").stream().allMatch(id -> trains(metrics, id))
                && metrics.getOrDefault("expanse_rounds", 0.0) > 0
                && metrics.getOrDefault("expanse_round_loss", 0.0) > 0;
          });
      assertThat(last.get()).containsEntry("expanse_images", 0.0); // the driver's own
    }
  }

  private static boolean trains(Map<String, Double> metrics, String executor) {
    return value(metrics, "expanse_images", executor) > 0
        && value(metrics, "expanse_queues", executor) == 1
        && value(metrics, "expanse_step_loss", executor) > 0;
  }

  private static double value(Map<String, Double> metrics, String name, String executor) {
    return metrics.getOrDefault(name + "{executor=" + executor + "}", 0.0);
  }

  private static List<String> train(String recipe) {
    var job = new ArrayList<>(List.of("train", "--workers", "2"));
    job.addAll(List.of("--network", work.resolve("small.conf").toString()));
    job.addAll(List.of("--recipe", work.resolve(recipe + ".conf").toString()));
    job.addAll(List.of("--output", work.resolve(recipe + "-model").toString()));
    job.addAll(List.of("--results", work.resolve(recipe + "-results").toString()));
    return job;
  }

  private static Map<String, String> settings(LoopbackPage page) throws IOException {
    var conf = new Properties();
    try (var in = Files.newInputStream(CONF.resolve("spark-local.conf"))) {
      conf.load(in);
    }
    var settings = new HashMap<String, String>();
    conf.stringPropertyNames().stream()
        .filter(key -> key.matches("spark\\.(plugins|metrics\\..*)"))
        .forEach(key -> settings.put(key, conf.getProperty(key)));
    settings.put("spark.ui.enabled", "true");
    settings.put("spark.ui.port", String.valueOf(page.port()));
    return settings;
  }

  /** Expanse's metrics, under the names that they get by the rules of conf/prometheus.yml. */
  private static Optional<Map<String, Double>> scraped(LoopbackPage page) throws Exception {
    var rules = Files.readString(CONF.resolve("prometheus.yml"));
    return page.read("/metrics/prometheus/").map(text -> relabelled(text, rules));
  }

  private static Map<String, Double> relabelled(String text, String rules) {
    var metrics = new TreeMap<String, Double>();
    LINE.matcher(text)
        .results()
        .forEach(
            line ->
                renamed(line.group(1), rules)
                    .filter(name -> name.startsWith("expanse_"))
                    .ifPresent(
                        name ->
                            assertThat(metrics.put(name, Double.valueOf(line.group(2))))
                                .as("%s twice", name)
                                .isNull()));
    return metrics;
  }

  /** As Prometheus does it: one rule after another, each on what those before have made. */
  private static Optional<String> renamed(String scraped, String rules) {
    var name = scraped;
    var executor = "";
    var rule = RULE.matcher(rules);
    while (rule.find()) {
      var found = Pattern.compile(rule.group("regex")).matcher(name);
      if (!found.matches()) {
        continue;
      }
      if (rule.group("label") == null) {
        return Optional.empty();
      }
      var value = found.replaceFirst(rule.group("to"));
      if (rule.group("label").equals("__name__")) {
        name = value;
      } else {
        executor = "{" + rule.group("label") + "=" + value + "}";
      }
    }
    return Optional.of(name + executor);
  }
}
