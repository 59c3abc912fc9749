package dev.expanse.jobs.compute;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.dl4j.InferenceEngine;
import dev.expanse.core.network.NetworkSpec;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a task computes with: decided here, for the whole application.
 *
 * @param engine whose code
 * @param threads how many threads native code may use in a task
 */
public record Compute(Engine engine, int threads) implements Serializable {
  /** More threads than this are refused. */
  public static final int MOST_THREADS = 1024;

  private static final Logger LOG = LoggerFactory.getLogger(Compute.class);

  /** The engines' names, as configurations have them. */
  public static Set<String> engines() {
    return Arrays.stream(Engine.values()).map(Engine::id).collect(Collectors.toSet());
  }

  /**
   * Decides, to be called before ND4J computes anything in this process.
   *
   * @param engine one of {@link #engines}; null for oneDNN where its natives load, else stock, with
   *     a warning that says why
   * @param threads null for the cores that Spark gives a task
   * @throws InvalidInputException if the engine asked for does not load
   */
  public static Compute choose(JavaSparkContext spark, String engine, Integer threads) {
    var compute = new Compute(engine(engine), threads == null ? taskCores(spark) : threads);
    compute.use(); // in local mode the driver's process is the tasks' as well
    return compute;
  }

  /** Sets the number of threads for what is computed from the current thread. */
  public void use() {
    engine.useThreads(threads);
  }

  /** How many tasks Spark runs at once. */
  public static int tasksAtOnce(JavaSparkContext spark) {
    return Math.max(1, spark.defaultParallelism() / taskCores(spark));
  }

  static int taskCores(JavaSparkContext spark) {
    return spark.getConf().getInt("spark.task.cpus", 1);
  }

  private static Engine engine(String name) {
    if (name != null) {
      var engine = Engine.valueOf(name.toUpperCase(Locale.ROOT));
      requireAvailable(engine);
      return engine;
    }
    var reason = Engine.ONEDNN.unavailable();
    reason.ifPresent(
        why -> LOG.warn("Computing on Deeplearning4j's own layers (engine = stock): {}", why));
    return reason.isPresent() ? Engine.STOCK : Engine.ONEDNN;
  }

  /**
   * @throws InvalidInputException if the engine cannot be used here
   */
  static void requireAvailable(InferenceEngine engine) {
    engine
        .unavailable()
        .ifPresent(
            reason -> {
              throw InvalidInputException.of(
                  "engine = %s: %s, expected %s", engine.id(), reason, Engine.STOCK.id());
            });
  }

  /** Why an engine cannot compute a network, in a sentence, if so. */
  public static Optional<String> unsupported(InferenceEngine engine, NetworkSpec spec) {
    return engine
        .unsupported(spec.network())
        .map(
            what ->
                "engine = %s: expected another one, such as %s, for %s: it lacks %s"
                    .formatted(engine.id(), Engine.ONEDNN.id(), spec.name(), what));
  }

  /**
   * What to warn of, if tasks that run at once have more threads than there are cores: threads that
   * wait for one another wait longest for the one without a core.
   */
  public static Optional<String> excess(int tasks, int threads, int cores) {
    return tasks * threads > cores
        ? Optional.of(
            String.format(
                "%d task(s) at once with %d thread(s) each, on %d core(s): threads that wait for a core"
                    + " hold up all others",
                tasks, threads, cores))
        : Optional.empty();
  }
}
