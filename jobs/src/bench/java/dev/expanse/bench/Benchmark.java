package dev.expanse.bench;

import dev.expanse.core.config.InvalidInputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** A benchmark of a name: the options that all of them have, and where their figures go. */
abstract class Benchmark implements Callable<Integer> {
  private static final Path RESULTS = Path.of("results", "bench");

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  @Option(
      names = "--side",
      paramLabel = "S",
      defaultValue = "224",
      description = "Side of the images in pixels (default: ${DEFAULT-VALUE}).")
  private int side;

  @Option(
      names = "--threads",
      paramLabel = "T",
      defaultValue = "1",
      description = "Threads of each subject (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--rounds",
      paramLabel = "R",
      defaultValue = "8",
      description = "How often each subject has its turn at each task (default: ${DEFAULT-VALUE}).")
  private int rounds;

  private final String name;

  /**
   * Makes a benchmark.
   *
   * @param name as on the command line, and of the file that the figures are added to
   */
  Benchmark(String name) {
    this.name = name;
  }

  /** Measures, with options that were checked. */
  abstract Report measure() throws IOException;

  /** Refuses options that are out of range. */
  void check() {
    requireRange("--side", side, 4096);
    requireRange("--threads", threads, 1024);
    requireRange("--rounds", rounds, 10_000);
  }

  @Override
  public final Integer call() throws IOException {
    check();
    var report = measure();
    System.out.println(report.table());
    var file = RESULTS.resolve(name + ".jsonl");
    report.appendTo(file);
    System.err.println("Added to " + file);
    return 0;
  }

  int side() {
    return side;
  }

  int threads() {
    return threads;
  }

  int rounds() {
    return rounds;
  }

  static void requireRange(String option, int value, int most) {
    if (value < 1 || value > most) {
      throw InvalidInputException.of(
          "%s %d: expected a whole number from 1 to %d", option, value, most);
    }
  }
}
