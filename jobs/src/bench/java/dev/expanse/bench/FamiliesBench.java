package dev.expanse.bench;

import dev.expanse.bench.FamiliesReport.Row;
import dev.expanse.bench.Measurement.Turns;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Training steps and inference of one network or more of each family on Expanse, beside the floor
 * of oneDNN.
 *
 * <pre>{@code ./submit-scripts/bench.sh families --side 64 --batch 16}</pre>
 */
@Command(
    name = FamiliesWorkload.BENCHMARK,
    defaultValueProvider = FamiliesBench.Defaults.class,
    description =
        "Times a training step and inference of networks of all families on Expanse and on bare"
            + " oneDNN primitives.")
final class FamiliesBench extends Benchmark {
  private static final long TURN_MS = 1200;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      split = ",",
      defaultValue =
          "vgg-16-x0.5,vgg-16-bn-x0.5,googlenet,resnet-18,resnet-50,densenet-121,xception-x0.5,"
              + "mobilenet-v1,se-resnet-50,mobilenet-v2,shufflenet-v2-1.0,ecnn",
      description =
          "Named networks, one or more; -x0.5 behind a name halves all channels (default:"
              + " ${DEFAULT-VALUE}).")
  private List<String> networks;

  @Option(
      names = "--batch",
      paramLabel = "B",
      defaultValue = "16",
      description = "Images of a training step and of inference (default: ${DEFAULT-VALUE}).")
  private int batch;

  /** Many networks: on smaller images and in fewer rounds than in other benchmarks. */
  static final class Defaults extends OtherDefaults {
    Defaults() {
      super(Map.of("--side", "64", "--rounds", "5"));
    }
  }

  FamiliesBench() {
    super(FamiliesWorkload.BENCHMARK);
  }

  @Override
  void check() {
    requireRange("--batch", batch, 4096);
    super.check();
    networks.forEach(network -> BenchNetworks.check(network, side()));
  }

  @Override
  Report measure() {
    var rows = new ArrayList<Row>();
    for (var network : networks) {
      System.err.printf("%s, %d of %d%n", network, rows.size() + 1, networks.size());
      rows.add(row(new EngineWorkload(network, side(), batch, threads())));
    }
    return new FamiliesReport(rows, rounds());
  }

  private Row row(EngineWorkload engine) {
    try {
      var turns = new Turns(rounds(), TURN_MS);
      return new Row(engine, Optional.of(Measurement.run(new FamiliesWorkload(engine), turns)), "");
    } catch (SubjectFailedException e) {
      System.err.println(e.getMessage());
      return new Row(engine, Optional.empty(), e.getMessage().lines().findFirst().orElseThrow());
    }
  }
}
