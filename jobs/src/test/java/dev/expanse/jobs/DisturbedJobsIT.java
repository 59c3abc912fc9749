package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.jobs.data.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All jobs, from images to a report, on a standalone cluster of processes with its data on HDFS,
 * with an executor killed in each of them, in the training together with its worker; and
 * undisturbed, in this process.
 */
class DisturbedJobsIT {
  private static final short REPLICAS = 2;

  private static final String NETWORK =
      """
      name = small, family = inverted-residual, table = [[1, 8, 1, 1, 3], [3, 8, 2, 2, 3]]
      stem = 8, head = 16, resolution = 16, dropout = 0.2
      """;

  private static final String RECIPE =
      """
      batch = 8, epochs = 16, learning-rate = 0.05, augment { min-scale = 0.5 }
      averaging { frequency = 2, outer { optimizer = nesterov, momentum = 0.5 }, ema = 0.9 }
      """;

  private static final String SWEEP =
      """
      dataset = "%s", recipe = "%s", seeds = [1, 2], checkpoint-seconds = 0
      configurations = [{ %s }, { %s, width = 2 }]
      latency { warm-up-seconds = 0, queries = 100, patience-seconds = 0 }
      """;

  @TempDir private static Path work;
  private static MiniDFSCluster storage;
  private static StandaloneCluster cluster;
  private static String hdfs;

  /** The process that is killed while a job runs. */
  private interface Victim {
    ProcessHandle process(StandaloneCluster.Executor executor) throws Exception;
  }

  @BeforeAll
  static void start() throws Exception {
    LocalSpark.session(); // what runs undisturbed takes it
    var configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, work.resolve("dfs").toString());
    configuration.setInt("dfs.replication", REPLICAS);
    storage = new MiniDFSCluster.Builder(configuration).numDataNodes(REPLICAS).build();
    storage.waitActive();
    hdfs = storage.getFileSystem().getUri().toString();
    var images = ImageFolders.write(work.resolve("images"), 13, 5);
    storage.getFileSystem().copyFromLocalFile(path(images.toString()), path(hdfs + "/images"));
    Files.writeString(work.resolve("small.conf"), NETWORK);
    Files.writeString(work.resolve("short.conf"), RECIPE);
    cluster = new StandaloneCluster(work);
    assertThat(cluster.run("start")).matches(run -> run.status() == 0);
  }

  @AfterAll
  static void stop() throws Exception {
    cluster.run("stop");
    storage.shutdown(true);
  }

  @Test
  @DisplayName(
      "An executor killed in each job, and a worker replaced, change nothing that they come to")
  void killed() throws Exception {
    undisturbed("prepare", "--input", hdfs + "/images", "--output", hdfs + "/calm/dataset");
    var prepared = filesIn("/calm/dataset");
    undisturbed(training("/calm", "/calm"));
    undisturbed(evaluation("/calm"));
    undisturbed(sweep("/calm"));

    disturbed(1, "/hit", "prepare", "--input", hdfs + "/images", "--output", hdfs + "/hit/dataset");
    replacedWorker(12, "/hit", training("/hit", "/hit"));
    disturbed(1, "/hit", evaluation("/hit"));
    disturbed(4, "/hit", sweep("/hit"));

    assertThat(dataset("/hit").fingerprint()).isEqualTo(dataset("/calm").fingerprint());
    model("/hit").requireEqualTo(model("/calm"));
    assertThat(rows("/hit", "evaluation", "network_hash", "images", "top1", "loss"))
        .hasSize(2) // train's own, and evaluate's
        .isEqualTo(rows("/calm", "evaluation", "network_hash", "images", "top1", "loss"));
    assertThat(rows("/hit", "sweep", "key", "status", "top1", "val_loss", "images_seen"))
        .hasSize(4)
        .allMatch(row -> row.contains("ok"))
        .isEqualTo(rows("/calm", "sweep", "key", "status", "top1", "val_loss", "images_seen"));
    assertThat(rows("/hit", "latency", "network", "status")).hasSize(2);
    assertThat(run(0, null, "/hit", "report").out()).contains("| small ", "seeds 1, 2");

    assertThat(filesIn("/calm/dataset")).as("what jobs read").isEqualTo(prepared);
  }

  /** The files of a folder and its folders, each with its length and when it was changed. */
  private static List<String> filesIn(String folder) throws IOException {
    var found = new ArrayList<String>();
    var files = storage.getFileSystem().listFiles(path(folder), true);
    while (files.hasNext()) {
      var file = files.next();
      found.add(file.getPath() + " " + file.getLen() + " " + file.getModificationTime());
    }
    return found;
  }

  /** Runs a job in which an executor is killed, with its worker, and another worker begun. */
  private static void replacedWorker(int tasks, String folder, String... words) throws Exception {
    var before = StandaloneCluster.daemons(cluster.run("status"));
    Victim victim =
        executor -> {
          var worker = executor.process().parent().orElseThrow();
          executor.process().destroyForcibly();
          worker.destroyForcibly();
          worker.onExit().get();
          assertThat(cluster.run("start")).matches(run -> run.status() == 0);
          return worker;
        };
    run(tasks, victim, folder, words);

    var after = StandaloneCluster.daemons(cluster.run("status"));
    assertThat(after).containsOnlyKeys("master", "worker-1", "worker-2");
    assertThat(after.values()).filteredOn(before::containsValue).hasSize(2);
  }

  private static String[] training(String data, String folder) {
    return new String[] {
      "train",
      "--dataset",
      hdfs + data + "/dataset",
      "--network",
      work.resolve("small.conf").toString(),
      "--recipe",
      work.resolve("short.conf").toString(),
      "--workers",
      "2",
      "--output",
      hdfs + folder + "/model"
    };
  }

  private static String[] evaluation(String folder) {
    var dataset = hdfs + folder + "/dataset";
    return new String[] {"evaluate", "--model", hdfs + folder + "/model", "--dataset", dataset};
  }

  private static String[] sweep(String folder) throws IOException {
    var recipe = work.resolve("short.conf");
    var file = work.resolve(folder.substring(1) + ".conf");
    Files.writeString(
        file,
        SWEEP.formatted(hdfs + folder + "/dataset", recipe, NETWORK.strip(), NETWORK.strip()));
    return new String[] {"sweep", file.toString()};
  }

  private static void undisturbed(String... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--results", hdfs + "/calm/results"));
    var run = CommandRun.of(all.toArray(String[]::new));
    assertThat(run.status()).as("%s", run).isZero();
  }

  private static void disturbed(int tasks, String folder, String... words) throws Exception {
    run(tasks, StandaloneCluster.Executor::process, folder, words);
  }

  /**
   * Runs a job whose results are in a folder, and kills a process once an executor has begun so
   * many tasks.
   */
  private static ScriptRun run(int tasks, Victim victim, String folder, String... words)
      throws Exception {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--results", hdfs + folder + "/results"));
    var killed = new AtomicReference<ProcessHandle>();
    var run =
        cluster
            .begin(all.toArray(String[]::new))
            .end(
                () -> {
                  if (victim != null && killed.get() == null) {
                    cluster.executors().stream()
                        .filter(executor -> executor.tasks() >= tasks)
                        .findFirst()
                        .ifPresent(executor -> killed.set(kill(victim, executor)));
                  }
                });
    assertThat(run.status()).as("%s", run).isZero();
    assertThat(killed.get() != null).as("killed in %s", words[0]).isEqualTo(victim != null);
    return run;
  }

  private static ProcessHandle kill(Victim victim, StandaloneCluster.Executor executor) {
    try {
      var process = victim.process(executor);
      process.destroyForcibly();
      return process;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Dataset dataset(String folder) {
    var location = hdfs + folder + "/dataset";
    return Dataset.open(LocalSpark.session(), location, path(location));
  }

  /** The model, brought here. */
  private static TrainedModel model(String folder) throws IOException {
    var here = work.resolve(folder.substring(1) + "-model");
    if (Files.notExists(here)) {
      storage
          .getFileSystem()
          .copyToLocalFile(path(hdfs + folder + "/model"), path(here.toString()));
    }
    return new TrainedModel(here);
  }

  /** Some columns of a table's rows, in their order. */
  private static List<List<Object>> rows(String folder, String table, String... columns) {
    return LocalSpark.session()
        .read()
        .parquet(hdfs + folder + "/results/" + table)
        .collectAsList()
        .stream()
        .map(row -> values(row, columns))
        .sorted((some, others) -> some.toString().compareTo(others.toString()))
        .toList();
  }

  private static List<Object> values(Row row, String... columns) {
    return Stream.of(columns).<Object>map(row::getAs).toList();
  }

  private static org.apache.hadoop.fs.Path path(String path) {
    return new org.apache.hadoop.fs.Path(path);
  }
}
