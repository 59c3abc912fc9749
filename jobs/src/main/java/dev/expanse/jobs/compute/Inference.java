package dev.expanse.jobs.compute;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.dl4j.InferenceEngine;
import dev.expanse.core.dl4j.OnnxRuntimeEngine;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * What queries are answered with.
 *
 * @param engine whose code
 * @param threads how many threads a query has
 */
public record Inference(InferenceEngine engine, int threads) {

  /** The names of all engines, as configurations have them. */
  public static Set<String> engines() {
    var names = new TreeSet<>(enginesOfItsOwn());
    names.addAll(Compute.engines());
    return names;
  }

  /** The names of those that train nothing. */
  public static Set<String> enginesOfItsOwn() {
    return Arrays.stream(OnnxRuntimeEngine.values())
        .map(OnnxRuntimeEngine::id)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Decides, to be called before ND4J computes anything in this process.
   *
   * @param engine one of {@link #engines}; null for that of {@link Compute#choose}
   * @param threads null for the cores that Spark gives a task
   * @throws InvalidInputException if the engine asked for does not load
   */
  public static Inference choose(JavaSparkContext spark, String engine, Integer threads) {
    var alone = ofItsOwn(engine);
    if (alone.isEmpty()) {
      var compute = Compute.choose(spark, engine, threads);
      return new Inference(compute.engine(), compute.threads());
    }
    Compute.requireAvailable(alone.get());
    var inference =
        new Inference(alone.get(), threads == null ? Compute.taskCores(spark) : threads);
    inference.engine().useThreads(inference.threads());
    return inference;
  }

  /**
   * The engine of a name.
   *
   * @param name one of {@link #engines}
   * @throws InvalidInputException if it does not load
   */
  public static InferenceEngine engine(String name) {
    var engine = named(name);
    Compute.requireAvailable(engine);
    return engine;
  }

  /** The engine of a name, one of {@link #engines}, whether it loads or not. */
  public static InferenceEngine named(String name) {
    return ofItsOwn(name)
        .<InferenceEngine>map(alone -> alone)
        .orElseGet(() -> Engine.valueOf(name.toUpperCase(Locale.ROOT)));
  }

  private static Optional<OnnxRuntimeEngine> ofItsOwn(String name) {
    return Arrays.stream(OnnxRuntimeEngine.values())
        .filter(engine -> engine.id().equals(name))
        .findFirst();
  }
}
