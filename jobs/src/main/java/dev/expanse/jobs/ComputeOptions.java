package dev.expanse.jobs;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.compute.Inference;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Option;

/** The options that say what a job computes with. */
final class ComputeOptions {
  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description =
          "onednn or stock (default: onednn where its natives load); for latency also onnxruntime"
              + " and onnxruntime-cuda.")
  private String engine;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of a task (default: the cores that Spark gives it).")
  private Integer threads;

  /**
   * What is computed with.
   *
   * @throws InvalidInputException if an option is out of range, or the engine does not load
   */
  Compute choose(JavaSparkContext spark) {
    if (engine != null && Inference.enginesOfItsOwn().contains(engine)) {
      throw InvalidInputException.of(
          "--engine = %s: answers the queries of latency and does nothing else, expected one of %s",
          engine, names(Compute.engines()));
    }
    check(Compute.engines());
    return Compute.choose(spark, engine, threads);
  }

  /**
   * What queries are answered with, for which there are more engines.
   *
   * @throws InvalidInputException as above
   */
  Inference chooseForInference(JavaSparkContext spark) {
    check(Inference.engines());
    return Inference.choose(spark, engine, threads);
  }

  private void check(Set<String> engines) {
    if (engine != null && !engines.contains(engine)) {
      throw InvalidInputException.of("--engine = %s: expected one of %s", engine, names(engines));
    }
    if (threads != null && (threads < 1 || threads > Compute.MOST_THREADS)) {
      throw InvalidInputException.of(
          "--threads = %d: expected a whole number from 1 to %d", threads, Compute.MOST_THREADS);
    }
  }

  private static String names(Set<String> engines) {
    return String.join(", ", new TreeSet<>(engines));
  }
}
