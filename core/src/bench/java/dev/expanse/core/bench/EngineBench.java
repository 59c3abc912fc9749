package dev.expanse.core.bench;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.network.Networks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Training steps and inference of one network on every {@link SubjectKind}, side by side.
 *
 * <pre>{@code ./submit-scripts/bench.sh engine --network ecnn --side 224 --threads 1}</pre>
 */
@Command(
    name = "engine",
    description =
        "Times a training step and inference on Expanse, stock Deeplearning4j, PyTorch and bare"
            + " oneDNN primitives, with equal thread counts.")
final class EngineBench implements Callable<Integer> {
  private static final Path RESULTS = Path.of("results", "bench", "engine.jsonl");

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and exit.")
  private boolean help;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "mobilenet-v2",
      description = "A named network (default: ${DEFAULT-VALUE}).")
  private String network;

  @Option(
      names = "--side",
      paramLabel = "S",
      defaultValue = "224",
      description = "Side of the images in pixels (default: ${DEFAULT-VALUE}).")
  private int side;

  @Option(
      names = "--batch",
      paramLabel = "B",
      defaultValue = "8",
      description =
          "Images a training step; inference is measured at 1 and at B (default:"
              + " ${DEFAULT-VALUE}).")
  private int batch;

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

  @Override
  public Integer call() throws IOException {
    if (!Networks.names().contains(network)) {
      throw InvalidInputException.of(
          "--network %s: expected one of %s", network, String.join(", ", Networks.names()));
    }
    requireRange("--side", side, 4096);
    requireRange("--batch", batch, 4096);
    requireRange("--threads", threads, 1024);
    requireRange("--rounds", rounds, 10_000);
    var workload = new Workload(network, side, batch, threads);
    var report = new EngineReport(workload, rounds, EngineMeasurement.run(workload, rounds));
    System.out.println(report.table());
    report.appendTo(RESULTS);
    System.err.println("Added to " + RESULTS);
    return 0;
  }

  private static void requireRange(String option, int value, int most) {
    if (value < 1 || value > most) {
      throw InvalidInputException.of(
          "%s %d: expected a whole number from 1 to %d", option, value, most);
    }
  }
}
