package dev.expanse.jobs;

import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.progress.JobDescription;
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
    var session = session(this);
    try {
      return JobDescription.during(session, name(this), () -> run(session));
    } catch (RuntimeException e) {
      throw session.sparkContext().isStopped() ? new StoppedException(e) : e;
    }
  }

  /**
   * Spark was stopped while a job ran: by a signal to this process, or because it lost its cluster.
   */
  static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private StoppedException(RuntimeException cause) {
      super("Spark was stopped while the job ran; what was finished is kept", cause);
    }
  }

  /** The session of a job, under its name. */
  static SparkSession session(Callable<Integer> job) {
    return SparkSession.builder().appName("Expanse " + name(job)).getOrCreate();
  }

  /** The name of a job on the command line. */
  static String name(Callable<Integer> job) {
    return job.getClass().getAnnotation(Command.class).name();
  }

  final Path results() {
    return Storage.path("--results", results);
  }

  static JavaSparkContext spark(SparkSession session) {
    return JavaSparkContext.fromSparkContext(session.sparkContext());
  }
}
