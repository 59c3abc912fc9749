package dev.expanse.bench;

import dev.expanse.bench.Measurement.Turns;
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
        "Times a training step and inference on Expanse, stock Deeplearning4j, PyTorch, ONNX"
            + " Runtime (inference only) and bare oneDNN primitives, with equal thread counts.")
final class EngineBench extends Benchmark {
  private static final long TURN_MS = 1200;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "mobilenet-v2",
      description =
          "A named network; -x0.5 behind its name halves all channels (default: ${DEFAULT-VALUE}).")
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
    requireRange("--batch", batch, 4096);
    super.check();
    BenchNetworks.check(network, side());
  }

  @Override
  Report measure() {
    var workload = new EngineWorkload(network, side(), batch, threads());
    var turns = new Turns(rounds(), TURN_MS);
    return new EngineReport(workload, turns.rounds(), Measurement.run(workload, turns));
  }
}
