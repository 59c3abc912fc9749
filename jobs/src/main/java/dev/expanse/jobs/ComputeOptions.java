package dev.expanse.jobs;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.compute.Compute;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Option;

/** The options that say what a job computes with. */
final class ComputeOptions {
  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "onednn or stock (default: onednn where its natives load).")
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
    if (engine != null && !Compute.engines().contains(engine)) {
      throw InvalidInputException.of(
          "--engine = %s: expected one of %s",
          engine, String.join(", ", new TreeSet<>(Compute.engines())));
    }
    if (threads != null && (threads < 1 || threads > Compute.MOST_THREADS)) {
      throw InvalidInputException.of(
          "--threads = %d: expected a whole number from 1 to %d", threads, Compute.MOST_THREADS);
    }
    return Compute.choose(spark, engine, threads);
  }
}
