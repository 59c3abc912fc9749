package dev.expanse.jobs;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.data.ConfigurationFiles;
import picocli.CommandLine.Option;

/** The options by which a job is given one network. */
final class NetworkOptions {
  @Option(
      names = "--network",
      required = true,
      paramLabel = "NAME|FILE",
      description = "A network that has a name, such as ecnn, or a .conf file.")
  private String network;

  @Option(
      names = "--resolution",
      paramLabel = "PIXELS",
      description = "Side of the images (default: the network's own).")
  private Integer resolution;

  /** The network, for that number of classes where it is not null. */
  NetworkSpec spec(Integer classes) {
    return sized(ConfigurationFiles.network(network), resolution, classes);
  }

  /**
   * The network for a dataset's number of classes.
   *
   * @throws InvalidInputException if the network's file states another number
   */
  NetworkSpec specFor(int classes) {
    var stated = ConfigurationFiles.statedClasses(network);
    if (stated.isPresent() && stated.getAsInt() != classes) {
      throw InvalidInputException.of(
          "%s: classes = %d: expected the %d classes that the dataset has labels of",
          network, stated.getAsInt(), classes);
    }
    return spec(classes);
  }

  /**
   * A network with another resolution and other classes, where they are not null.
   *
   * @throws InvalidInputException if it cannot be built with them
   */
  static NetworkSpec sized(NetworkSpec spec, Integer resolution, Integer classes) {
    require("--resolution", resolution, 1, 4096);
    require("--classes", classes, 2, 1_000_000);
    var sized = resolution == null ? spec : spec.withResolution(resolution);
    return classes == null ? sized : sized.withClasses(classes);
  }

  private static void require(String option, Integer value, int least, int most) {
    if (value != null && (value < least || value > most)) {
      throw InvalidInputException.of(
          "%s = %d: expected a whole number from %d to %d", option, value, least, most);
    }
  }
}
