package dev.expanse.jobs.averaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.launcher.JavaModuleOptions;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Driver and executor are one JVM of its own. Its heap is fixed and touched, and compiled code is
 * kept small and full early, so that what grows is neither.
 */
class AveragingMemoryTest {
  private static final int ROUNDS = 300;
  private static final int BETWEEN = 100;
  private static final List<String> JVM =
      List.of(
          "-Xms512m", // Spark wants 450 MB
          "-Xmx512m",
          "-XX:+AlwaysPreTouch",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1");
  private static final String MARK = "after a round: ";

  /** One copy of parameters and momenta a round, left somewhere, makes 100 MB of 200 rounds. */
  private static final int INPUTS = 500;

  private static final int HIDDEN = 128;
  private static final long MEGABYTE = 1_000_000;

  @TempDir private Path folder;

  /** What a JVM has after a round: bytes of heap in use, bytes resident, files of Spark's. */
  private record Use(long heap, long resident, long files, long fileBytes) {
    static Use parse(String line) {
      var numbers = line.substring(MARK.length()).split(" ");
      return new Use(
          Long.parseLong(numbers[0]),
          Long.parseLong(numbers[1]),
          Long.parseLong(numbers[2]),
          Long.parseLong(numbers[3]));
    }

    @Override
    public String toString() {
      return MARK + heap + " " + resident + " " + files + " " + fileBytes;
    }
  }

  @Test
  @DisplayName("Three hundred rounds leave no more in memory and on disk than a hundred do")
  void flat() throws Exception {
    var uses = inNewJvm(folder.toString());

    assertThat(uses).hasSize(ROUNDS / BETWEEN);
    var warm = uses.get(0);
    var end = uses.get(uses.size() - 1);
    assertThat(end.heap()).as(uses.toString()).isLessThan(warm.heap() + 10 * MEGABYTE);
    assertThat(end.resident()).as(uses.toString()).isLessThan(warm.resident() + 40 * MEGABYTE);
    for (var use : uses) { // at most the last round's: three files of each worker's shares
      assertThat(use.files()).as(uses.toString()).isLessThanOrEqualTo(6);
      assertThat(use.fileBytes()).as(uses.toString()).isLessThan(2 * MEGABYTE);
    }
  }

  private static List<Use> inNewJvm(String localFolder) throws Exception {
    var command = new ArrayList<String>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(JVM);
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    var classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(List.of("-cp", classPath, Rounds.class.getName(), localFolder));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().filter(line -> line.startsWith(MARK)).map(Use::parse).toList();
  }

  static final class Rounds {
    public static void main(String[] arguments) throws Exception {
      var configuration =
          new SparkConf()
              .setMaster("local[2]")
              .setAppName("rounds")
              .set("spark.local.dir", arguments[0])
              .set("spark.driver.host", "127.0.0.1")
              .set("spark.driver.bindAddress", "127.0.0.1")
              .set("spark.ui.enabled", "false")
              // what Spark remembers of a thousand jobs for its pages is its own affair
              .set("spark.ui.retainedJobs", "20")
              .set("spark.ui.retainedStages", "20")
              .set("spark.ui.retainedTasks", "40");
      var graph = new ComputationGraph(network());
      graph.init();
      try (var spark = new JavaSparkContext(configuration);
          var master = new AveragingMaster(true, OuterOptimizer.average())) {
        var network = new SparkComputationGraph(spark, graph, master);
        for (int round = 1; round <= ROUNDS; round++) {
          network.fitMultiDataSet(spark.parallelize(List.of(1, 2), 2).map(Rounds::minibatch));
          if (round % BETWEEN == 0) {
            System.out.println(use(Path.of(arguments[0])));
          }
        }
      }
    }

    private static ComputationGraphConfiguration network() {
      return new NeuralNetConfiguration.Builder()
          .seed(1)
          .updater(new Nesterovs(0.01, 0.9))
          .graphBuilder()
          .addInputs("input")
          .addLayer("hidden", new DenseLayer.Builder().nOut(HIDDEN).build(), "input")
          .addLayer(
              "output",
              new OutputLayer.Builder(LossFunction.MCXENT)
                  .nOut(2)
                  .activation(Activation.SOFTMAX)
                  .build(),
              "hidden")
          .setOutputs("output")
          .setInputTypes(InputType.feedForward(INPUTS))
          .build();
    }

    private static org.nd4j.linalg.dataset.api.MultiDataSet minibatch(int worker) {
      var random = new Random(worker);
      var values = new float[2 * INPUTS];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return new MultiDataSet(
          Nd4j.create(values, new long[] {2, INPUTS}, 'c'),
          Nd4j.create(new float[] {1, 0, 0, 1}, new long[] {2, 2}, 'c'));
    }

    /** Files first: those that only a garbage collection would delete are to be seen. */
    private static Use use(Path localFolder) throws Exception {
      TimeUnit.MILLISECONDS.sleep(500); // Spark deletes a little later than asked to
      long files = 0;
      long bytes = 0;
      try (var all = Files.walk(localFolder)) {
        for (var file : all.filter(Files::isRegularFile).toList()) {
          files++;
          bytes += Files.size(file);
        }
      }
      for (int i = 0; i < 2; i++) { // the first one lets Spark and ND4J free what they hold
        System.gc();
        TimeUnit.MILLISECONDS.sleep(500);
      }
      long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      return new Use(heap, resident(), files, bytes);
    }

    private static long resident() throws IOException {
      try (var lines = Files.lines(Path.of("/proc/self/status"))) {
        return lines
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow();
      }
    }
  }
}
