package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.apache.spark.package$;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training by {@code yarn.sh} on YARN, whose containers are processes, with its data on HDFS; the
 * driver is here, or in a container.
 */
class YarnIT {
  private static final int MEBIBYTES = 12 << 10;
  private static final String NAME = "yarn-it";

  private static final String NETWORK =
      """
      name = small, family = inverted-residual, table = [[1, 8, 1, 1, 3], [3, 8, 2, 2, 3]]
      stem = 8, head = 16, resolution = 16, dropout = 0.2
      """;

  private static final String RECIPE =
      """
      batch = 8, epochs = 4, learning-rate = 0.05, augment { min-scale = 0.5 }
      averaging { frequency = 2, outer { optimizer = nesterov, momentum = 0.5 } }
      """;

  /** Containers for a small network, on a machine that may have little memory. */
  private static final String SETTINGS =
      """
      spark.executor.cores                1
      spark.task.cpus                     1
      spark.executor.memory               512m
      spark.executor.memoryOverhead       1g
      spark.executor.extraJavaOptions     %1$s
      spark.driver.memory                 512m
      spark.driver.memoryOverhead         1g
      spark.driver.extraJavaOptions       %1$s
      spark.yarn.jars                     local:%2$s/jars/*
      spark.yarn.appMasterEnv.JAVA_HOME   %3$s
      spark.executorEnv.JAVA_HOME         %3$s
      spark.yarn.appMasterEnv.SPARK_LOCAL_IP 127.0.0.1
      spark.executorEnv.SPARK_LOCAL_IP    127.0.0.1
      spark.ui.enabled                    false
      spark.eventLog.dir                  hdfs:///events
      """;

  private static final String MEMORY =
      "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.bytedeco.javacpp.maxbytes=512m"
          + " -Dorg.bytedeco.javacpp.maxphysicalbytes=1400m";

  @TempDir private static Path work;
  private static MiniDFSCluster storage;
  private static MiniYARNCluster yarn;
  private static String hdfs;

  @BeforeAll
  static void start() throws Exception {
    LocalSpark.session(); // the jobs take it instead of starting one
    var configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, work.resolve("dfs").toString());
    storage = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    storage.waitActive();
    hdfs = storage.getFileSystem().getUri().toString();
    storage.getFileSystem().mkdirs(path("/events"));
    startYarn();

    Files.writeString(work.resolve("small.conf"), NETWORK);
    Files.writeString(work.resolve("short.conf"), RECIPE);
    Files.writeString(work.resolve("spark.conf"), settings());
    var images = ImageFolders.write(work.resolve("images"), 13, 5);
    here("prepare", "--input", images.toString(), "--output", hdfs + "/dataset");
    here(train("here"));
  }

  private static void startYarn() throws Exception {
    var configuration = new YarnConfiguration();
    configuration.set("fs.defaultFS", hdfs);
    configuration.setInt("yarn.minicluster.yarn.nodemanager.resource.memory-mb", MEBIBYTES);
    configuration.setInt(YarnConfiguration.RM_SCHEDULER_MAXIMUM_ALLOCATION_MB, MEBIBYTES);
    configuration.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 128);
    configuration.setFloat(YarnConfiguration.NM_MAX_PER_DISK_UTILIZATION_PERCENTAGE, 99);
    configuration.set("yarn.scheduler.capacity.root.queues", "default");
    configuration.set("yarn.scheduler.capacity.root.default.capacity", "100");
    configuration.set("yarn.scheduler.capacity.maximum-am-resource-percent", "0.5");
    yarn = new MiniYARNCluster(NAME, 1, 1, 1);
    yarn.init(configuration);
    yarn.start();
    assertThat(yarn.waitForNodeManagersToConnect(TimeUnit.MINUTES.toMillis(1))).isTrue();
    for (var file : List.of("core-site.xml", "yarn-site.xml")) {
      try (var out = Files.newOutputStream(work.resolve(file))) {
        yarn.getConfig().writeXml(out);
      }
    }
  }

  private static String settings() throws IOException {
    var cache =
        Optional.ofNullable(System.getenv("EXPANSE_CACHE"))
            .map(Path::of)
            .orElse(Path.of(System.getProperty("user.home"), ".cache", "expanse"));
    var spark = cache.resolve("spark-" + package$.MODULE$.SPARK_VERSION());
    return Files.readString(Path.of("..", "conf", "spark-yarn.conf"))
        + SETTINGS.formatted(MEMORY, spark, System.getProperty("java.home"))
        + openBlas();
  }

  /** Containers do not inherit what chooses OpenBLAS's kernels here, and so how it rounds. */
  private static String openBlas() {
    return System.getenv().entrySet().stream()
        .filter(variable -> variable.getKey().startsWith("OPENBLAS_"))
        .flatMap(
            variable ->
                Stream.of("spark.yarn.appMasterEnv.", "spark.executorEnv.")
                    .map(place -> place + variable.getKey() + " " + variable.getValue()))
        .collect(Collectors.joining("\n"));
  }

  @AfterAll
  static void stop() {
    yarn.stop();
    storage.shutdown(true);
  }

  @Test
  @DisplayName("With the driver here, two containers train the model that two threads here do")
  void client() throws Exception {
    var run = submit("client");

    assertThat(run.status()).as("%s", run).isZero();
    assertThat(run.out()).contains("small: 8 rounds on 2 workers, 192 images");
    requireExecutors(containers());
    model("client").requireEqualTo(model("here"));
  }

  @Test
  @DisplayName("With the driver in a container as well, the model is the same")
  void cluster() throws Exception {
    var run = submit("cluster");

    assertThat(run.status()).as("%s", run).isZero();
    var containers = containers();
    requireExecutors(containers);
    assertThat(containers.get(1)).contains("small: 8 rounds on 2 workers, 192 images");
    model("cluster").requireEqualTo(model("here"));
  }

  private static void requireExecutors(Map<Integer, String> containers) {
    assertThat(containers).containsOnlyKeys(1, 2, 3);
    assertThat(containers.get(1)).contains("ApplicationMaster");
    for (int executor : List.of(2, 3)) {
      assertThat(containers.get(executor)).contains("Successfully registered with driver");
    }
  }

  private static String[] train(String name) {
    return new String[] {
      "train",
      "--dataset",
      hdfs + "/dataset",
      "--network",
      work.resolve("small.conf").toString(),
      "--recipe",
      work.resolve("short.conf").toString(),
      "--workers",
      "2",
      "--output",
      hdfs + "/" + name
    };
  }

  private static void here(String... words) {
    var run = CommandRun.of(withResults(words));
    assertThat(run.status()).as("%s", run).isZero();
  }

  private static ScriptRun submit(String mode) throws Exception {
    var environment =
        Map.of(
            "HADOOP_CONF_DIR",
            work.toString(),
            "EXPANSE_CONF",
            work.resolve("spark.conf").toString(),
            "EXPANSE_DEPLOY_MODE",
            mode,
            "SPARK_LOCAL_IP",
            "127.0.0.1");
    return ScriptRun.of(work, environment, "yarn.sh", withResults(train(mode)));
  }

  private static String[] withResults(String... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--results", hdfs + "/results"));
    return all.toArray(String[]::new);
  }

  /** What the containers of the last application have printed, by their numbers. */
  private static Map<Integer, String> containers() throws IOException {
    var ofApplications = new TreeMap<String, Map<Integer, String>>();
    try (var files = Files.walk(yarn.getTestWorkDir().toPath())) {
      files
          .filter(file -> Set.of("stdout", "stderr").contains(file.getFileName().toString()))
          .forEach(
              file ->
                  ofApplications
                      .computeIfAbsent(nameOf(file, 2), application -> new TreeMap<>())
                      .merge(
                          Integer.parseInt(nameOf(file, 1).replaceFirst(".*_", "")),
                          content(file),
                          String::concat));
    }
    return ofApplications.lastEntry().getValue();
  }

  /** Of a folder that it is in, the first one or the second. */
  private static String nameOf(Path file, int folder) {
    return file.getName(file.getNameCount() - 1 - folder).toString();
  }

  private static String content(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The model, brought here. */
  private static TrainedModel model(String name) throws IOException {
    var here = work.resolve(name + "-model");
    if (Files.notExists(here)) {
      storage.getFileSystem().copyToLocalFile(path("/" + name), path(here.toString()));
    }
    return new TrainedModel(here);
  }

  private static org.apache.hadoop.fs.Path path(String path) {
    return new org.apache.hadoop.fs.Path(path);
  }
}
