package dev.expanse.jobs.data;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Networks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalInt;

/** HOCON files: the user's own, by their path, and those that come with Expanse, by their name. */
public final class ConfigurationFiles {
  private static final String ENDING = ".conf";

  private ConfigurationFiles() {}

  /**
   * Reads a configuration.
   *
   * @param kind the folder of {@code conf} that has those that come with Expanse: {@code recipes},
   *     {@code sweeps} or {@code spaces}
   * @param nameOrPath the name of one of these, or the path of a file, which ends in {@code .conf}
   * @throws InvalidInputException if there is none, or it is not HOCON
   */
  public static Settings read(String kind, String nameOrPath) {
    return nameOrPath.endsWith(ENDING) ? file(nameOrPath) : shipped(kind, nameOrPath);
  }

  /**
   * Reads a network: one that has a name, or a file.
   *
   * @throws InvalidInputException if there is none, or it describes no network
   */
  public static NetworkSpec network(String nameOrPath) {
    return nameOrPath.endsWith(ENDING)
        ? NetworkSpec.read(file(nameOrPath))
        : Networks.named(nameOrPath);
  }

  /** The number of classes that a network's file states; empty if it states none or is no file. */
  public static OptionalInt statedClasses(String nameOrPath) {
    return nameOrPath.endsWith(ENDING) && file(nameOrPath).has("classes")
        ? OptionalInt.of(file(nameOrPath).integer("classes", 2, Integer.MAX_VALUE))
        : OptionalInt.empty();
  }

  private static Settings file(String path) {
    try {
      return Settings.parse(Files.readString(Path.of(path)), path);
    } catch (NoSuchFileException e) {
      throw new InvalidInputException(path + ": no such file", e);
    } catch (IOException e) {
      throw new InvalidInputException(path + ": expected a text file in UTF-8", e);
    }
  }

  private static Settings shipped(String kind, String name) {
    var resource = "/dev/expanse/jobs/conf/" + kind + "/" + name + ENDING;
    try (var in = ConfigurationFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw InvalidInputException.of(
            "%s: no such name under conf/%s, expected one of those or a file ending in %s",
            name, kind, ENDING);
      }
      var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Settings.parse(text, "conf/" + kind + "/" + name + ENDING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
