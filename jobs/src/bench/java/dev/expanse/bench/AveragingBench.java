package dev.expanse.bench;

import dev.expanse.bench.AveragingReport.Measured;
import dev.expanse.core.config.InvalidInputException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Rounds of averaged training on two worker processes with every {@link AveragingKind}, and what
 * they would cost on more workers.
 *
 * <pre>{@code ./submit-scripts/bench.sh averaging --side 64 --steps 10}</pre>
 */
@Command(
    name = AveragingWorkload.BENCHMARK,
    defaultValueProvider = AveragingBench.Defaults.class,
    description =
        "Measures rounds of parameter averaging on two worker processes, with Expanse's master and"
            + " Deeplearning4j's, and models them on more workers.")
final class AveragingBench extends Benchmark {
  private static final int[] WORKERS = {AveragingWorkload.WORKERS, 16, 64, 256};
  private static final double MOST_GBIT = 100_000;
  private static final double MOST_LATENCY = 1000;
  private static final int SHORT_ROUNDS = 10;
  private static final int FLOOR_ROUNDS = 30;

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
      description = "Images a training step of a worker (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "50",
      description = "Steps of each worker in a round (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--network-gbit",
      paramLabel = "G",
      defaultValue = "10",
      description =
          "Assumed for the model: what a link carries, Gbit/s (default: ${DEFAULT-VALUE}).")
  private double gbit;

  @Option(
      names = "--latency-ms",
      paramLabel = "MS",
      defaultValue = "0.2",
      description = "Assumed for the model: the time to a neighbour (default: ${DEFAULT-VALUE}).")
  private double latency;

  /** Rounds take long: fewer than in other benchmarks. */
  static final class Defaults extends OtherDefaults {
    Defaults() {
      super(Map.of("--rounds", "3"));
    }
  }

  AveragingBench() {
    super(AveragingWorkload.BENCHMARK);
  }

  @Override
  void check() {
    requireRange("--batch", batch, 4096);
    requireRange("--steps", steps, 10_000);
    if (!(gbit > 0 && gbit <= MOST_GBIT)) {
      throw InvalidInputException.of(
          "--network-gbit %s: expected a number above 0 and up to %.0f", gbit, MOST_GBIT);
    }
    if (!(latency >= 0 && latency <= MOST_LATENCY)) {
      throw InvalidInputException.of(
          "--latency-ms %s: expected a number from 0 to %.0f", latency, MOST_LATENCY);
    }
    super.check();
    BenchNetworks.check(network, side());
  }

  @Override
  Report measure() {
    var workload = new AveragingWorkload(network, side(), batch, threads(), steps);
    var link = new AveragingModel.Link(gbit * 1e9 / 8, latency / 1e3);
    try (var cluster = AveragingCluster.start(workload)) {
      System.err.println("Measuring what the model is fed with");
      var costs = cluster.costs();
      var measured = new ArrayList<Measured>();
      measured.addAll(rounds(cluster, AveragingWorkload.TINY, 1, FLOOR_ROUNDS));
      if (steps > 1) {
        measured.addAll(rounds(cluster, network, 1, SHORT_ROUNDS));
      }
      measured.addAll(rounds(cluster, network, steps, rounds()));
      cluster.stop();
      return new AveragingReport(workload, costs, link, measured, WORKERS);
    }
  }

  /** Turn by turn, after as many rounds that do not count as a JVM needs to compile them. */
  private static List<Measured> rounds(
      AveragingCluster cluster, String network, int steps, int rounds) {
    Map<AveragingKind, List<AveragedRound>> measured = new EnumMap<>(AveragingKind.class);
    int warmUp = Math.max(1, rounds / 3);
    for (int round = 1 - warmUp; round <= rounds; round++) {
      for (var kind : AveragingKind.values()) {
        var figures = cluster.round(kind, network, steps);
        if (round > 0) {
          measured.computeIfAbsent(kind, k -> new ArrayList<>()).add(figures);
        }
        System.err.printf(
            "%s, %s, steps: %d, round %d of %d: %s%n",
            kind, network, steps, Math.max(0, round), rounds, figures);
      }
    }
    return measured.entrySet().stream()
        .map(entry -> new Measured(entry.getKey(), network, steps, entry.getValue()))
        .toList();
  }
}
