package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sweep and a training, run with secrets and Spark's event log, leave behind. */
class EventLogIT {
  /** In every secret, and nowhere else. */
  private static final String CANARY = "CANARY";

  private static final List<String> SECRETS =
      List.of(
          "spark.hadoop.fs.s3a.access.key",
          "spark.hadoop.fs.s3a.secret.key",
          "spark.hadoop.fs.s3a.session.token",
          "spark.hadoop.fs.s3a.encryption.key",
          "spark.hadoop.fs.azure.account.key.account.dfs.core.windows.net",
          "spark.hadoop.fs.gs.auth.service.account.private.key",
          "spark.authenticate.secret");

  private static final String NETWORK =
      "name = small, family = inverted-residual, table = [[1, 8, 1, 2, 3]], stem = 8, head = 16\n";

  /** Ten steps of one worker, in rounds of eight and two; the rung is after the first. */
  private static final String SWEEP =
      """
      dataset = sample, recipe = quick, resolution = 16, seed = 3
      recipe-changes { batch = 64, images = 640 }, halving { rungs = [500] }
      latency { warm-up-seconds = 0, queries = 5 }
      configurations = [{ %s width = [1, 2] }]
      """
          .formatted(NETWORK);

  @TempDir private static Path work;

  @BeforeAll
  static void run() throws Exception {
    Files.createDirectories(work.resolve("events"));
    Files.writeString(work.resolve("small.conf"), NETWORK + "resolution = 16");
    Files.writeString(
        work.resolve("short.conf"),
        "batch = 16, images = 640, learning-rate = 0.05, averaging.frequency = 10");
    var sweep = Files.writeString(work.resolve("sweep.conf"), SWEEP);
    submitLocal("sweep", List.of("sweep", sweep.toString()));
    var home = SubmittedApplication.sparkHome(work.resolve("spark"));
    var log = work.resolve("train.log");
    try (var train = SubmittedApplication.onTwoExecutors(log, home, settings(), trainJob())) {
      train.awaitSuccess();
    }
  }

  private static List<String> trainJob() {
    var job = new ArrayList<>(List.of("train", "--workers", "2", "--seed", "5"));
    job.addAll(List.of("--network", work.resolve("small.conf").toString()));
    job.addAll(List.of("--recipe", work.resolve("short.conf").toString()));
    job.addAll(List.of("--output", work.resolve("model").toString()));
    job.addAll(List.of("--results", work.resolve("results").toString()));
    return job;
  }

  private static void submitLocal(String name, List<String> job) throws Exception {
    var all = new ArrayList<>(job);
    all.addAll(List.of("--results", work.resolve("results").toString()));
    var log = work.resolve(name + ".log");
    try (var application = SubmittedApplication.local(log, settings(), all)) {
      application.awaitSuccess();
    }
  }

  /** The redaction that conf/ has, and secrets on the command line, where they are most exposed. */
  private static Map<String, String> settings() throws IOException {
    var conf = new Properties();
    try (var in = Files.newInputStream(Path.of("..", "conf", "spark-local.conf"))) {
      conf.load(in);
    }
    var settings = new HashMap<String, String>();
    for (var key : List.of("spark.redaction.regex", "spark.plugins")) {
      settings.put(key, conf.getProperty(key));
    }
    settings.put("spark.eventLog.enabled", "true");
    settings.put("spark.eventLog.dir", work.resolve("events").toUri().toString());
    settings.put("spark.authenticate", "true");
    SECRETS.forEach(key -> settings.put(key, CANARY + key.hashCode()));
    return settings;
  }

  @Test
  @DisplayName("The History Server shows jobs that name configuration, seed, epoch and round")
  void history() throws Exception {
    var jobs = descriptions();

    assertThat(jobs.keySet()).containsExactlyInAnyOrder("Expanse sweep", "Expanse train");
    assertThat(jobs.get("Expanse sweep"))
        .contains(
            "sweep, small-w1, latency of batch 1 on onednn",
            "sweep, small-w1, seed 3, up to epoch 1, round 1 of 2",
            "sweep, small-w2, seed 3, up to epoch 1, round 1 of 2")
        .containsAnyOf(
            "sweep, small-w1, seed 3, up to epoch 1, round 2 of 2",
            "sweep, small-w2, seed 3, up to epoch 1, round 2 of 2")
        .allMatch(what -> what.startsWith("sweep"));
    assertThat(jobs.get("Expanse train"))
        .contains(
            "train, small, seed 5, epoch 1, round 1 of 2",
            "train, small, seed 5, epoch 1, round 2 of 2",
            "train, small, seed 5, evaluation on val")
        .allMatch(what -> what.startsWith("train"));
  }

  /** Those that the History Server has, by the application's name. */
  private static Map<String, List<String>> descriptions() throws Exception {
    var page = LoopbackPage.free();
    var settings = Files.writeString(work.resolve("history.conf"), historySettings(page.port()));
    var found = new LinkedHashMap<String, List<String>>();
    try (var server =
        SubmittedApplication.start(
            work.resolve("history.log"),
            "org.apache.spark.deploy.history.HistoryServer",
            Map.of(),
            List.of("--properties-file", settings.toString()))) {
      var applications = "/api/v1/applications";
      server.await(
          "the applications",
          () -> page.read(applications).filter(EventLogIT::hasBoth).isPresent());
      for (var application : json(page.get(applications))) {
        var at = applications + "/" + application.get("id").asText();
        var of = new ArrayList<String>();
        json(page.get(at + "/jobs")).forEach(job -> of.add(job.path("description").asText("none")));
        found.put(application.get("name").asText(), of);
        assertThat(page.get(at + "/environment")).doesNotContain(CANARY).contains(SECRETS);
      }
    }
    return found;
  }

  /** While the server begins, it answers by a page instead. */
  private static boolean hasBoth(String applications) {
    return applications.startsWith("[") && json(applications).size() == 2;
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String historySettings(int port) {
    return """
        spark.history.fs.logDirectory %s
        spark.history.ui.port %d
        """
        .formatted(work.resolve("events").toUri(), port);
  }

  @Test
  @DisplayName("No secret is in an output, a log, the event log, a file of results or a row of one")
  void secrets() throws IOException {
    var searched = new TreeSet<String>();
    try (var files = Files.walk(work)) {
      var all =
          files.filter(Files::isRegularFile).filter(file -> !file.toString().endsWith(".jar"));
      for (var file : all.toList()) {
        assertThat(text(file).contains(CANARY)).as("a secret in %s", file).isFalse();
        searched.add(work.relativize(file).toString().replaceAll("/.*/", "/"));
      }
    }
    assertThat(searched)
        .contains("sweep.log", "train.log", "spark/stderr", "results/report.csv", "model/model.zip")
        .anyMatch(file -> file.startsWith("events/"));

    for (var table : List.of("sweep", "latency", "rung", "training", "evaluation", "confusion")) {
      var rows = LocalSpark.session().read().parquet(work.resolve("results/" + table).toString());
      assertThat(rows.collectAsList().toString()).hasSizeGreaterThan(100).doesNotContain(CANARY);
    }
    for (var key : SECRETS) { // the applications had them
      try (var events = Files.list(work.resolve("events"))) {
        assertThat(events.map(EventLogIT::text))
            .hasSize(2)
            .allMatch(log -> log.contains("\"" + key + "\":\"*********(redacted)\""));
      }
    }
  }

  /** A file's bytes as characters, those of a ZIP file unpacked. */
  private static String text(Path file) {
    try {
      if (!file.toString().endsWith(".zip")) {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
      }
      var text = new StringBuilder();
      try (var zip = new ZipFile(file.toFile())) {
        for (var entry : zip.stream().toList()) {
          var bytes = zip.getInputStream(entry).readAllBytes();
          text.append(new String(bytes, StandardCharsets.ISO_8859_1));
        }
      }
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
