package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.deploy.history.EventLogFileReader;
import org.apache.spark.internal.config.package$;
import org.apache.spark.rpc.RpcAddress;
import org.apache.spark.rpc.RpcEnv;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

/** A job on a cluster of processes of their own, as the README has it: start, sweep, stop. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StandaloneIT {
  private static final Pattern PROCESS = Pattern.compile("(\\S+): process (\\d+), log .*");
  private static final Pattern URL = Pattern.compile("running: (spark://127\\.0\\.0\\.1:\\d+), .*");
  private static final Pattern SECRET = Pattern.compile("spark\\.authenticate\\.secret (\\S+)");
  private static final String EXECUTOR = "CoarseGrainedExecutorBackend";

  /** Command lines of the sweep's executors. */
  private static final Set<String> EXECUTORS = new TreeSet<>();

  @TempDir private static Path work;
  private static ScriptRun started;

  @BeforeAll
  static void start() throws Exception {
    started = standalone("start");
    assertThat(started.status()).as("%s", started).isZero();
  }

  @AfterAll
  static void stop() throws Exception {
    standalone("stop");
  }

  @Test
  @Order(1)
  @DisplayName("A master and two workers run on loopback, and to start them again changes nothing")
  void idempotent() throws Exception {
    assertThat(processes(started)).containsOnlyKeys("master", "worker-1", "worker-2");
    assertThat(started.out())
        .containsPattern(URL)
        .containsPattern("web page is http://(localhost|127\\.0\\.0\\.1):\\d+");

    assertThat(standalone("start").out()).isEqualTo(started.out());
    assertThat(standalone("status")).isEqualTo(new ScriptRun(0, started.out(), ""));
  }

  @Test
  @Order(2)
  @DisplayName("A sweep computes on the executors of both workers, and its secret shows nowhere")
  void sweep() throws Exception {
    var secret = secret();
    var leaks = new TreeSet<String>();

    var run =
        ScriptRun.begin(work, environment(), "standalone.sh", "sweep", "smallest")
            .end(
                () -> {
                  commandLines().filter(line -> line.contains(secret)).forEach(leaks::add);
                  commandLinesOfExecutors().forEach(EXECUTORS::add);
                });

    assertThat(run.status()).as("%s", run).isZero();
    assertThat(run.out()).containsPattern("\\| mobilenet-v2 ").containsPattern("\\| ecnn ");
    assertThat(rows("sweep")).hasSize(2).allMatch(row -> row.getAs("status").equals("ok"));
    assertThat(rows("latency")).hasSize(2).allMatch(row -> row.getAs("status").equals("ok"));
    assertThat(EXECUTORS).hasSize(2);
    assertThat(executorsOfTasks()).containsExactly("0", "1");
    for (int worker = 1; worker <= 2; worker++) {
      assertThat(contents(cluster().resolve("work").resolve(String.valueOf(worker))))
          .contains("Successfully registered with driver");
    }
    assertThat(leaks).isEmpty();
    assertThat(run.toString()).doesNotContain(secret);
    assertThat(filesWith(secret))
        .allMatch(file -> file.getFileName().toString().matches("(secret|submit-.*)\\.conf"))
        .allMatch(file -> permissions(file).equals("rw-------"))
        .hasSize(2);
  }

  @Test
  @Order(3)
  @DisplayName("The master answers who knows the secret, and nobody else")
  void secretCounts() throws IOException {
    var right = new SparkConf(false).set("spark.authenticate", "true");
    right.set("spark.authenticate.secret", secret());
    var wrong = right.clone().set("spark.authenticate.secret", secret().replaceAll("[0-7]", "8"));
    var none = new SparkConf(false);

    assertThat(nameOfMaster(right)).isEqualTo("Master");
    assertThatThrownBy(() -> nameOfMaster(wrong)).isInstanceOf(SparkException.class);
    assertThatThrownBy(() -> nameOfMaster(none)).isInstanceOf(SparkException.class);
    assertThat(content(cluster().resolve("logs/master.log"))).contains("Mismatched response");
  }

  @Test
  @Order(4)
  @DisplayName("Stopped, it leaves no process, and jobs are told that there is no cluster")
  void stopped() throws Exception {
    var secret = cluster().resolve("secret.conf");
    assertThat(commandLines().filter(line -> line.contains(secret.toString()))).hasSize(3);

    assertThat(standalone("stop")).isEqualTo(new ScriptRun(0, "", ""));

    assertThat(commandLines())
        .noneMatch(line -> line.contains(cluster().toString()))
        .doesNotContainAnyElementsOf(EXECUTORS);
    assertThat(standalone("status").status()).isEqualTo(3);
    assertThat(standalone("sweep", "smallest"))
        .matches(run -> run.status() == 2)
        .matches(run -> run.err().startsWith("standalone.sh: no cluster runs on this machine"));
    assertThat(secret).doesNotExist();
  }

  private static ScriptRun standalone(String... arguments) throws Exception {
    return ScriptRun.of(work, environment(), "standalone.sh", arguments);
  }

  private static Map<String, String> environment() {
    return Map.of("EXPANSE_CLUSTER", cluster().toString());
  }

  private static Path cluster() {
    return work.resolve("cluster");
  }

  /** The daemons' process numbers by their names. */
  private static Map<String, Long> processes(ScriptRun status) {
    return PROCESS
        .matcher(status.out())
        .results()
        .collect(Collectors.toMap(found -> found.group(1), found -> Long.valueOf(found.group(2))));
  }

  private static String secret() throws IOException {
    var found = SECRET.matcher(Files.readString(cluster().resolve("secret.conf")));
    assertThat(found.find()).isTrue();
    return found.group(1);
  }

  /** What the master calls itself, asked as workers and applications ask it. */
  private static String nameOfMaster(SparkConf conf) {
    var url = URL.matcher(started.out()).results().findFirst().orElseThrow().group(1);
    conf.set("spark.rpc.askTimeout", "10s").set("spark.rpc.lookupTimeout", "10s");
    var manager = new SecurityManager(conf, Option.empty(), package$.MODULE$.AUTH_SECRET_FILE());
    var rpc = RpcEnv.create("visitor", "127.0.0.1", 0, conf, manager, true);
    try {
      return rpc.setupEndpointRef(RpcAddress.fromSparkURL(url), "Master").name();
    } finally {
      rpc.shutdown();
    }
  }

  private static List<Row> rows(String table) {
    var folder = work.resolve("results").resolve(table).toString(); // the usual one of a job
    return LocalSpark.session().read().parquet(folder).collectAsList();
  }

  /** Where Spark's event log has tasks that ended well. */
  private static Set<String> executorsOfTasks() throws IOException {
    var executors = new TreeSet<String>();
    for (var event : events()) {
      if (event.path("Event").asText().equals("SparkListenerTaskEnd")
          && event.at("/Task End Reason/Reason").asText().equals("Success")) {
        executors.add(event.at("/Task Info/Executor ID").asText());
      }
    }
    return executors;
  }

  private static List<JsonNode> events() throws IOException {
    var logs = filesIn(cluster().resolve("events"));
    assertThat(logs).filteredOn(file -> !file.toString().endsWith(".crc")).hasSize(1);
    var log = new org.apache.hadoop.fs.Path(logs.get(0).toUri());
    var json = new ObjectMapper();
    var events = new ArrayList<JsonNode>();
    try (var in = EventLogFileReader.openEventLog(log, FileSystem.getLocal(new Configuration()));
        var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        events.add(json.readTree(line));
      }
    }
    return events;
  }

  /** Files of the cluster and of results that have a text in them, in Spark's event log as well. */
  private static List<Path> filesWith(String text) throws IOException {
    assertThat(events().toString()).doesNotContain(text);
    return filesIn(work).stream()
        .filter(file -> !file.toString().endsWith(".jar")) // a worker's copy of the application
        .filter(file -> content(file).contains(text))
        .toList();
  }

  private static String contents(Path folder) throws IOException {
    return filesIn(folder).stream()
        .filter(file -> file.getFileName().toString().equals("stderr"))
        .map(StandaloneIT::content)
        .collect(Collectors.joining());
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static String content(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String permissions(Path file) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<String> commandLines() {
    return ProcessHandle.allProcesses().flatMap(StandaloneIT::commandLine);
  }

  /** Of those that the workers have started. */
  private static Stream<String> commandLinesOfExecutors() {
    return processes(started).values().stream()
        .flatMap(pid -> ProcessHandle.of(pid).stream())
        .flatMap(ProcessHandle::children)
        .flatMap(StandaloneIT::commandLine)
        .filter(line -> line.contains(EXECUTOR));
  }

  /** In Linux's own folder, for Java cuts long ones; empty for a process that has ended. */
  private static Stream<String> commandLine(ProcessHandle process) {
    try {
      var file = Path.of("/proc", String.valueOf(process.pid()), "cmdline");
      return Stream.of(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Stream.empty(); // it has ended meanwhile
    }
  }
}
