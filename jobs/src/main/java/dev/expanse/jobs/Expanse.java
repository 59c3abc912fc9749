package dev.expanse.jobs;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.compute.MemoryShortageException;
import dev.expanse.jobs.results.Circumstances;
import java.io.PrintWriter;
import java.util.Locale;
import org.apache.spark.SparkUserAppException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: one job of a name, with its options. */
@Command(
    name = "expanse",
    description = "Trains, evaluates and times efficient image classifiers on Apache Spark.",
    synopsisSubcommandLabel = "<job>",
    commandListHeading = "%nJobs:%n",
    mixinStandardHelpOptions = true,
    versionProvider = Expanse.Version.class,
    subcommands = {
      PrepareJob.class,
      TrainJob.class,
      EvaluateJob.class,
      SweepJob.class,
      ComplexityJob.class,
      LatencyJob.class,
      PreflightJob.class,
      ExportJob.class,
      ReportJob.class,
      CompactJob.class,
      NotebookJob.class
    })
public final class Expanse implements Runnable {
  /** Exit status when what the user gave cannot be used. */
  static final int INVALID_INPUT = 2;

  private static final int FAILED = 1;

  @Spec private CommandSpec spec;

  /**
   * Runs the job that the arguments name, for {@code spark-submit}.
   *
   * @throws SparkUserAppException for an exit status other than 0: 1 failed, 2 invalid input.
   *     Spark's driver on YARN would take an exit of its JVM, whatever the status, for a failure
   */
  public static void main(String[] args) throws SparkUserAppException {
    Locale.setDefault(Locale.ROOT); // numbers are written alike everywhere
    int status = commandLine().execute(args);
    if (status != 0) {
      throw new SparkUserAppException(status);
    }
  }

  /** The command line, with one sentence instead of a stack trace for what a user mistyped. */
  static CommandLine commandLine() {
    return new CommandLine(new Expanse())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((e, args) -> mistyped(e))
        .setExecutionExceptionHandler((e, command, result) -> failed(e, command));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no job given: expected one of " + jobs(spec));
  }

  private static int mistyped(ParameterException e) {
    var command = e.getCommandLine().getCommandSpec();
    var unknownJob =
        e instanceof UnmatchedArgumentException unmatched
            && command.parent() == null
            && !unmatched.getUnmatched().get(0).startsWith("-");
    var sentence =
        unknownJob
            ? "unknown job '%s': expected one of %s"
                .formatted(((UnmatchedArgumentException) e).getUnmatched().get(0), jobs(command))
            : e.getMessage();
    tell(e.getCommandLine(), sentence + " (see " + command.qualifiedName() + " --help)");
    return INVALID_INPUT;
  }

  private static int failed(Exception e, CommandLine command) throws Exception {
    if (e instanceof SparkJob.StoppedException) { // whatever it did then could not but fail
      tell(command, e.getMessage());
      return FAILED;
    }
    var invalid = InvalidInputException.causeOf(e);
    if (invalid.isPresent()) {
      tell(command, invalid.get().getMessage());
      return INVALID_INPUT;
    }
    var shortage = MemoryShortageException.causeOf(e);
    if (shortage.isPresent()) {
      tell(command, shortage.get());
      return FAILED;
    }
    throw e; // picocli prints it and returns 1
  }

  private static void tell(CommandLine command, String sentence) {
    PrintWriter err = command.getErr();
    err.println("expanse: " + sentence);
    err.flush();
  }

  private static String jobs(CommandSpec root) {
    return String.join(", ", root.subcommands().keySet());
  }

  /** The version that {@code --version} prints. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"expanse " + Circumstances.version()};
    }
  }
}
