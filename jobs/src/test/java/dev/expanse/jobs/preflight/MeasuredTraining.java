package dev.expanse.jobs.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.ImageFolders;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.prepare.DatasetWriter;
import dev.expanse.jobs.recipe.Recipe;
import dev.expanse.jobs.training.AveragedTraining;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.sql.SparkSession;
import org.bytedeco.javacpp.Pointer;

/**
 * What a training in local mode takes of memory, measured in a JVM of its own. Its heap is fixed
 * and touched at once, so that what grows is not the heap; garbage is collected all the time, so
 * that what is left of the heap is alive.
 *
 * @param heap most bytes of it that were alive
 * @param buffers most bytes that JavaCPP counted
 * @param outside most bytes of the process outside of the heap
 */
record MeasuredTraining(long heap, long buffers, long outside) {
  static final int WORKERS = 2;
  private static final String MARK = "measured: ";
  private static final String WATCHED = "measured.training";
  private static final int SAMPLE_MILLIS = 20;

  /** How a JVM has ended, and what it has printed. */
  record Ended(int status, String output) {}

  /** A dataset for all of them, in a folder. */
  static Path dataset(Path folder) {
    var images = ImageFolders.write(folder.resolve("images"), 16, 4);
    var dataset = folder.resolve("dataset");
    new DatasetWriter(LocalSpark.session(), 1 << 20, 1)
        .write(
            new org.apache.hadoop.fs.Path(images.toUri()),
            new org.apache.hadoop.fs.Path(dataset.toUri()),
            "a test");
    return dataset;
  }

  /**
   * Measures.
   *
   * @param heapMebibytes of the JVM
   */
  static MeasuredTraining of(
      Path dataset, int heapMebibytes, NetworkSpec spec, Recipe recipe, String engine)
      throws Exception {
    var memory =
        List.of(
            "-Xms" + heapMebibytes + "m",
            "-Xmx" + heapMebibytes + "m",
            "-XX:+AlwaysPreTouch",
            "-D" + WATCHED + "=true");
    var ended = run(dataset, memory, spec, recipe, engine);
    assertThat(ended.status()).as(ended.output()).isZero();
    var line = ended.output().lines().filter(one -> one.startsWith(MARK)).findFirst().orElseThrow();
    var numbers = line.substring(MARK.length()).split(" ");
    return new MeasuredTraining(
        Long.parseLong(numbers[0]),
        Long.parseLong(numbers[1]),
        Long.parseLong(numbers[2]) - ((long) heapMebibytes << 20));
  }

  /**
   * Runs a training that is not checked before.
   *
   * @param memory the JVM's options
   */
  static Ended run(
      Path dataset, List<String> memory, NetworkSpec spec, Recipe recipe, String engine)
      throws Exception {
    var folder = Files.createTempDirectory(dataset.getParent(), "run");
    var command = new ArrayList<String>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=16g");
    command.addAll(memory); // the last one of two options counts
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    var classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(List.of("-cp", classPath, Main.class.getName()));
    command.addAll(List.of(dataset.toString(), spec.toHocon(), recipe.toHocon(), engine));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    var process = builder.directory(folder.toFile()).start(); // Deeplearning4j leaves crash dumps
    var output = new String(process.getInputStream().readAllBytes());
    return new Ended(process.waitFor(), output);
  }

  /** The JVM that is measured. */
  static final class Main {
    public static void main(String[] arguments) throws Exception {
      var spec = NetworkSpec.read(Settings.parse(arguments[1], "network"));
      var recipe = Recipe.read(Settings.parse(arguments[2], "recipe"));
      var session =
          SparkSession.builder()
              .master("local[" + WORKERS + "]")
              .config("spark.ui.enabled", false)
              .config("spark.driver.host", "127.0.0.1")
              .config("spark.driver.bindAddress", "127.0.0.1")
              .config("spark.local.dir", ".")
              .getOrCreate();
      var spark = JavaSparkContext.fromSparkContext(session.sparkContext());
      var compute = Compute.choose(spark, arguments[3], 1);
      var location = new org.apache.hadoop.fs.Path(Path.of(arguments[0]).toUri());
      var dataset = Dataset.open(session, location.toString(), location);
      var training = new AveragedTraining(spark, dataset, spec, recipe, WORKERS, compute, 1);
      var peak = new Peak();
      if (Boolean.getBoolean(WATCHED)) {
        peak.start();
      }
      Dl4jModel.close(training.run(round -> {}));
      System.out.println(MARK + peak.heap + " " + peak.buffers + " " + resident());
      System.exit(0);
    }

    private static long resident() throws Exception {
      try (var lines = Files.lines(Path.of("/proc/self/status"))) {
        return lines
            .filter(line -> line.startsWith("VmHWM:"))
            .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow();
      }
    }
  }

  /** Looks again and again. */
  private static final class Peak extends Thread {
    private final AtomicLong heap = new AtomicLong();
    private final AtomicLong buffers = new AtomicLong();

    private Peak() {
      setDaemon(true);
    }

    @Override
    public void run() {
      try {
        while (true) {
          long start = System.nanoTime();
          System.gc();
          long took = (System.nanoTime() - start) / 1_000_000;
          long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
          heap.accumulateAndGet(used, Math::max);
          buffers.accumulateAndGet(Pointer.totalBytes(), Math::max);
          TimeUnit.MILLISECONDS.sleep(SAMPLE_MILLIS + 2 * took);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
