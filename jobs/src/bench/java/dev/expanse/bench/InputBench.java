package dev.expanse.bench;

import dev.expanse.bench.Measurement.Turns;
import dev.expanse.core.config.InvalidInputException;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Decoding and views of photographs on every {@link InputSubjectKind}, side by side.
 *
 * <pre>{@code ./submit-scripts/bench.sh input --side 224 --images ~/imagenet/val}</pre>
 */
@Command(
    name = InputWorkload.BENCHMARK,
    description =
        "Times decoding, training views and evaluation views of JPEG files on Expanse, ImageIO,"
            + " TwelveMonkeys, OpenCV and Leptonica.")
final class InputBench extends Benchmark {
  private static final double MOST_SECONDS = 3600;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description =
          "A folder with JPEG files at any depth, of which up to "
              + PhotographFolder.MOST
              + " are taken, evenly spread (default: photograph-like images, made for the run).")
  private Path images;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "0.5",
      description = "How long a turn is, one pass at least (default: ${DEFAULT-VALUE}).")
  private double seconds;

  InputBench() {
    super(InputWorkload.BENCHMARK);
  }

  @Override
  void check() {
    super.check();
    if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
      throw InvalidInputException.of(
          "--seconds %s: expected a number above 0 and up to %.0f", seconds, MOST_SECONDS);
    }
  }

  @Override
  Report measure() throws IOException {
    var turns = new Turns(rounds(), (long) Math.ceil(seconds * 1000));
    try (var folder = images == null ? PhotographFolder.made() : PhotographFolder.from(images)) {
      var workload = new InputWorkload(folder.path(), folder.count(), side(), threads());
      var photographs = images == null ? "made" : "given";
      var figures = Measurement.run(workload, turns);
      return new InputReport(workload, photographs, turns.rounds(), figures);
    }
  }
}
