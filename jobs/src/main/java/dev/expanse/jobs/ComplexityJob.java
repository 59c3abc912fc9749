package dev.expanse.jobs;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Networks;
import dev.expanse.jobs.data.ConfigurationFiles;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.progress.JobDescription;
import dev.expanse.jobs.space.ComplexityTable;
import dev.expanse.jobs.space.PeakMemory;
import dev.expanse.jobs.space.Search;
import dev.expanse.jobs.space.SearchSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What networks cost on paper.
 *
 * <pre>{@code ./submit-scripts/local.sh complexity --classes 100}</pre>
 */
@Command(
    name = "complexity",
    mixinStandardHelpOptions = true,
    description = {
      "Counts what networks cost on paper, exactly, for one image.",
      "MACs are multiply-accumulates of convolutions and fully connected layers; activations are",
      "the outputs of convolutions; peak_activation_bytes is the most memory that feature maps take.",
      "With --space: of each configuration of a search space, a row in Parquet, by Spark."
    })
final class ComplexityJob implements Callable<Integer> {
  /** How rows are printed. */
  enum Format {
    table,
    csv
  }

  @Option(
      names = "--network",
      paramLabel = "NAME|FILE",
      description =
          "A network that has a name, or a .conf file; several may be given (default: all that have"
              + " a name, in the order of their publication).")
  private List<String> networks = new ArrayList<>();

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "How many classes the networks tell apart (default: their own).")
  private Integer classes;

  @Option(
      names = "--resolution",
      paramLabel = "PIXELS",
      description = "Side of the images (default: the networks' own, as they were published).")
  private Integer resolution;

  @Option(
      names = "--operations",
      description = "A row for each operation instead of one for each network.")
  private boolean operations;

  @Option(
      names = "--format",
      defaultValue = "table",
      description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Format format;

  @Option(
      names = "--space",
      paramLabel = "NAME|FILE",
      description = "A search space of conf/spaces, or a .conf file, instead of networks.")
  private String space;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description =
          "How many configurations of the space to draw at random (default: as its search says).")
  private Long samples;

  @Option(
      names = {"--results", "--output"},
      paramLabel = "DIR",
      description =
          "Folder of the result tables, any Hadoop path, in which a space's rows go to the table"
              + " complexity (default: results).")
  private String results;

  @Spec private CommandSpec command;

  @Override
  public Integer call() {
    if (space != null) {
      requireOnlyOptionsOf(
          "--space", "--network", "--classes", "--resolution", "--operations", "--format");
      return space();
    }
    requireOnlyOptionsOf("networks", "--samples", "--results");
    var names = networks.isEmpty() ? List.copyOf(Networks.names()) : networks;
    var specs =
        names.stream()
            .map(ConfigurationFiles::network)
            .map(spec -> NetworkOptions.sized(spec, resolution, classes))
            .toList();
    if (operations) {
      specs.forEach(spec -> print(operationRows(spec), List.of("operation", "output")));
    } else {
      print(
          specs.stream().map(ComplexityJob::row).toList(),
          List.of("network", "resolution", "classes"));
    }
    return 0;
  }

  private void requireOnlyOptionsOf(String what, String... others) {
    for (var option : others) {
      if (command.commandLine().getParseResult().hasMatchedOption(option)) {
        throw InvalidInputException.of("%s: expected no such option beside %s", option, what);
      }
    }
  }

  private SearchSpace chosenSpace() {
    var read = SearchSpace.read(ConfigurationFiles.read("spaces", space));
    if (samples == null) {
      return read;
    }
    if (samples < 1 || samples > Search.MOST_SAMPLES) {
      throw InvalidInputException.of(
          "--samples = %d: expected a whole number from 1 to %d", samples, Search.MOST_SAMPLES);
    }
    return read.withSamples(samples);
  }

  private int space() {
    var chosen = chosenSpace();
    chosen.sample(); // refused before Spark starts
    var folder = Storage.path("--results", results == null ? "results" : results);
    var session = SparkJob.session(this);
    new Storage(SparkJob.spark(session).hadoopConfiguration()).requireWritable(folder);
    var outcome =
        JobDescription.during(
            session,
            SparkJob.name(this) + ", " + chosen.name(),
            () -> new ComplexityTable(session, folder).append(chosen));
    var peak = PeakMemory.now();
    System.out.printf(
        Locale.ROOT,
        "%s: %s%n%,d configurations in %.1f s: %,.0f a second on each of %d cores; peak memory of"
            + " this JVM: heap %,d MiB, classes and code %,d MiB%ntable: %s%n",
        chosen.name(),
        outcome.summary(),
        outcome.summary().count(),
        outcome.seconds(),
        outcome.rate(),
        outcome.cores(),
        peak.heapBytes() >> 20,
        peak.otherBytes() >> 20,
        outcome.folder());
    return 0;
  }

  private static final List<String> COSTS =
      List.of("macs", "params", "activations", "weight_bytes");

  private static List<String> row(NetworkSpec spec) {
    var cost = Complexity.of(spec.network());
    return List.of(
        spec.name(),
        String.valueOf(spec.resolution()),
        String.valueOf(spec.classes()),
        String.valueOf(cost.macs()),
        String.valueOf(cost.parameters()),
        String.valueOf(cost.activations()),
        String.valueOf(cost.weightBytes()),
        String.valueOf(cost.peakActivationBytes()));
  }

  private static List<List<String>> operationRows(NetworkSpec spec) {
    return Complexity.of(spec.network()).costs().stream()
        .map(
            cost ->
                List.of(
                    cost.node().name(),
                    cost.node().shape().toString(),
                    String.valueOf(cost.macs()),
                    String.valueOf(cost.parameters()),
                    String.valueOf(cost.activations()),
                    String.valueOf(cost.weightBytes())))
        .toList();
  }

  private void print(List<List<String>> rows, List<String> names) {
    var header = new ArrayList<>(names);
    header.addAll(COSTS);
    if (!operations) {
      header.add("peak_activation_bytes");
    }
    if (format == Format.csv) {
      System.out.println(String.join(",", header));
      rows.forEach(row -> System.out.println(String.join(",", row)));
    } else {
      System.out.println(table(header, rows));
    }
  }

  private static String table(List<String> header, List<List<String>> rows) {
    return AsciiTable.getTable(
        AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS,
        rows,
        IntStream.range(0, header.size())
            .mapToObj(
                i ->
                    new Column()
                        .header(header.get(i))
                        .headerAlign(i == 0 ? HorizontalAlign.LEFT : HorizontalAlign.RIGHT)
                        .dataAlign(i == 0 ? HorizontalAlign.LEFT : HorizontalAlign.RIGHT)
                        .<List<String>>with(row -> grouped(row.get(i))))
            .collect(Collectors.toList()));
  }

  /** Thousands apart, for people. */
  private static String grouped(String cell) {
    return cell.matches("\\d+") ? String.format(Locale.ROOT, "%,d", Long.parseLong(cell)) : cell;
  }
}
