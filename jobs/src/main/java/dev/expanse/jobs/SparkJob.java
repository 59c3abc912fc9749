package dev.expanse.jobs;

import dev.expanse.jobs.data.Storage;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A job that runs on Spark, as spark-submit configured it. */
@Command(mixinStandardHelpOptions = true)
abstract class SparkJob implements Callable<Integer> {
  @Option(
      names = "--results",
      paramLabel = "DIR",
      defaultValue = "results",
      description = "Folder of the result tables, any Hadoop path (default: ${DEFAULT-VALUE}).")
  private String results;

  /**
   * Runs the job; what it prints for a user goes to {@link System#out}.
   *
   * @return the exit status
   */
  abstract int run(SparkSession session);

  @Override
  public final Integer call() {
    return run(session(this));
  }

  /** The session of a job, under its name. */
  static SparkSession session(Callable<Integer> job) {
    var name = "Expanse " + job.getClass().getAnnotation(Command.class).name();
    return SparkSession.builder().appName(name).getOrCreate();
  }

  final Path results() {
    return Storage.path("--results", results);
  }

  static JavaSparkContext spark(SparkSession session) {
    return JavaSparkContext.fromSparkContext(session.sparkContext());
  }
}
