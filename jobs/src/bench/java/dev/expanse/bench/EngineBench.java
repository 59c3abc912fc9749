package dev.expanse.bench;

import dev.expanse.bench.Measurement.Turns;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.network.Networks;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Training steps and inference of one network on every {@link EngineSubjectKind}, side by side.
 *
 * <pre>{@code ./submit-scripts/bench.sh engine --network ecnn --side 224 --threads 1}</pre>
 */
@Command(
    name = EngineWorkload.BENCHMARK,
    description =
        "Times a training step and inference on Expanse, stock Deeplearning4j, PyTorch and bare"
            + " oneDNN primitives, with equal thread counts.")
final class EngineBench extends Benchmark {
  private static final long TURN_MS = 1200;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "mobilenet-v2",
      description = "A named network (default: ${DEFAULT-VALUE}).")
  private String network;

  @Option(
      names = "--batch",
      paramLabel = "B",
      defaultValue = "8",
      description =
          "Images a training step; inference is measured at 1 and at B (default:"
              + " ${DEFAULT-VALUE}).")
  private int batch;

  EngineBench() {
    super(EngineWorkload.BENCHMARK);
  }

  @Override
  void check() {
    if (!Networks.names().contains(network)) {
      throw InvalidInputException.of(
          "--network %s: expected one of %s", network, String.join(", ", Networks.names()));
    }
    requireRange("--batch", batch, 4096);
    super.check();
  }

  @Override
  Report measure() {
    var workload = new EngineWorkload(network, side(), batch, threads());
    var turns = new Turns(rounds(), TURN_MS);
    return new EngineReport(workload, turns.rounds(), Measurement.run(workload, turns));
  }
}
