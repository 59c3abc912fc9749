package dev.expanse.jobs.preflight;

import dev.expanse.core.dl4j.InferenceEngine;
import dev.expanse.core.latency.Processor;
import dev.expanse.jobs.compute.Inference;
import dev.expanse.jobs.data.Footers;
import dev.expanse.jobs.results.Circumstances;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.package$;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What a process, an executor or the driver, says of itself.
 *
 * @param executor its id; {@code driver} for the driver
 * @param host where it runs
 * @param cores that the process may use
 * @param tasks that Spark runs in it at once
 * @param memory its limits
 * @param cpu the processor's name
 * @param avx what it has of AVX2 and AVX-512
 * @param versions of all that has to be alike
 * @param clockMillis its clock, in milliseconds since 1970
 * @param natives why the engine's natives do not load; null if they do
 * @param data why the dataset cannot be read; null if it can, or was not asked for
 */
record ProcessFacts(
    String executor,
    String host,
    int cores,
    int tasks,
    MemoryLimits memory,
    String cpu,
    String avx,
    Versions versions,
    long clockMillis,
    String natives,
    String data)
    implements Serializable {
  static final String DRIVER = "driver";

  /** What is loaded in a process, as it is loaded there. */
  record Versions(String java, String expanse, String spark, String nd4j) implements Serializable {}

  /** What a process is asked. */
  record Question(List<String> engines, List<String> shards) implements Serializable {}

  /**
   * Asks this process.
   *
   * @param hadoop how to reach the shards
   */
  static ProcessFacts here(Question question, Configuration hadoop) {
    var env = SparkEnv.get();
    long clock = System.currentTimeMillis();
    var natives = natives(question.engines()); // first: limits are JavaCPP's
    return new ProcessFacts(
        env.executorId(),
        env.blockManager().blockManagerId().host(),
        Runtime.getRuntime().availableProcessors(),
        0,
        MemoryLimits.here(granted(env.conf(), env.executorId().equals(DRIVER))),
        Processor.name(),
        vectors(),
        new Versions(
            Runtime.version().toString(),
            Circumstances.version(),
            package$.MODULE$.SPARK_VERSION(),
            nd4j()),
        clock,
        natives.orElse(null),
        data(question.shards(), hadoop).orElse(null));
  }

  /** The same process, in which Spark runs so many tasks at once. */
  ProcessFacts withTasks(int atOnce) {
    return new ProcessFacts(
        executor, host, cores, atOnce, memory, cpu, avx, versions, clockMillis, natives, data);
  }

  /** What a user knows it by. */
  String name() {
    return executor.equals(DRIVER) ? "the driver" : "executor " + executor + " on " + host;
  }

  private static String vectors() {
    var features = Processor.features();
    if (features.isEmpty()) {
      return "unknown";
    }
    var avx2 = features.contains("avx2") ? "AVX2" : "none";
    return features.contains("avx512f") ? avx2 + ", AVX-512" : avx2;
  }

  /** What a container of Spark's on YARN or Kubernetes may have; 0 elsewhere. */
  static long granted(SparkConf conf, boolean driver) {
    var master = conf.get("spark.master", "");
    if (!master.startsWith("yarn") && !master.startsWith("k8s")) {
      return 0;
    }
    var role = driver ? "spark.driver." : "spark.executor.";
    long mib = conf.getSizeAsMb(role + "memory", "1g");
    double factor = conf.getDouble(role + "memoryOverheadFactor", 0.1);
    long least = Math.max(384, (long) (factor * mib));
    return (mib + conf.getSizeAsMb(role + "memoryOverhead", least + "m")) << 20;
  }

  private static Optional<String> natives(List<String> engines) {
    var lacking = Natives.lacking(Processor.features());
    if (lacking.isPresent()) {
      return lacking;
    }
    try {
      Nd4j.getExecutioner();
      return engines.stream()
          .map(Inference::named)
          .map(InferenceEngine::unavailable)
          .flatMap(Optional::stream)
          .findFirst();
    } catch (LinkageError | RuntimeException e) {
      return Optional.of("ND4J's natives do not load here (" + e + ")");
    }
  }

  private static Optional<String> data(List<String> shards, Configuration hadoop) {
    try {
      Footers.rowGroups(hadoop, shards.stream().map(Path::new).toList());
      return Optional.empty();
    } catch (RuntimeException e) { // whatever its file system throws
      return Optional.of(String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString()));
    }
  }

  private static String nd4j() {
    var file = "/META-INF/maven/org.nd4j/nd4j-api/pom.properties";
    try (var in = Nd4j.class.getResourceAsStream(file)) {
      if (in == null) {
        return "unknown";
      }
      var properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
