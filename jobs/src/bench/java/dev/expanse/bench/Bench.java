package dev.expanse.bench;

import dev.expanse.core.config.InvalidInputException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line of the benchmarks: one benchmark of a name, with its options. */
@Command(
    name = "bench",
    description = "Compares Expanse with its peers on this machine.",
    synopsisSubcommandLabel = "<benchmark>",
    commandListHeading = "%nBenchmarks:%n",
    subcommands = {EngineBench.class, FamiliesBench.class, InputBench.class, AveragingBench.class})
public final class Bench implements Runnable {
  private static final int FAILED = 1;
  private static final int INVALID_INPUT = 2;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  /** Runs the benchmark named and ends the JVM: 0 done, 1 failed, 2 invalid input. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The command line, with one sentence instead of a stack trace for what is foreseen. */
  static CommandLine commandLine() {
    return new CommandLine(new Bench())
        .setParameterExceptionHandler((e, args) -> mistyped(e))
        .setExecutionExceptionHandler((e, command, result) -> failed(e, command));
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no benchmark given: expected one of " + benchmarks(spec));
  }

  private static int mistyped(ParameterException e) {
    var command = e.getCommandLine().getCommandSpec();
    var unknownBenchmark =
        e instanceof UnmatchedArgumentException unmatched
            && command.parent() == null
            && !unmatched.getUnmatched().get(0).startsWith("-");
    var sentence =
        unknownBenchmark
            ? "unknown benchmark '%s': expected one of %s"
                .formatted(
                    ((UnmatchedArgumentException) e).getUnmatched().get(0), benchmarks(command))
            : e.getMessage();
    tell(e.getCommandLine(), sentence + " (see " + command.qualifiedName() + " --help)");
    return INVALID_INPUT;
  }

  private static int failed(Exception e, CommandLine command) throws Exception {
    if (e instanceof InvalidInputException) {
      tell(command, e.getMessage());
      return INVALID_INPUT;
    }
    if (e instanceof SubjectFailedException) {
      tell(command, e.getMessage());
      return FAILED;
    }
    throw e; // picocli prints it and returns 1
  }

  private static void tell(CommandLine command, String sentence) {
    var err = command.getErr();
    err.println("bench: " + sentence);
    err.flush();
  }

  private static String benchmarks(CommandSpec root) {
    return String.join(", ", root.subcommands().keySet());
  }
}
