package dev.expanse.bench;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Networks;
import java.util.regex.Pattern;

/**
 * The networks that benchmarks measure: those that have a name, and these made narrower or wider.
 */
final class BenchNetworks {
  private static final Pattern SCALED = Pattern.compile("(?<base>.+)-x(?<width>[0-9.]+)");

  private BenchNetworks() {}

  /**
   * The network of that name, or, of a name such as {@code vgg-16-x0.5}, {@code vgg-16} with all
   * its channels multiplied by a half.
   *
   * @throws InvalidInputException if there is none
   */
  static NetworkSpec named(String name) {
    var scaled = SCALED.matcher(name);
    return scaled.matches()
        ? NetworkSpec.read(
            Settings.parse(
                "name = \"%s\", base = \"%s\", width = %s"
                    .formatted(name, scaled.group("base"), scaled.group("width")),
                name))
        : Networks.named(name);
  }

  /**
   * The same, with a message that begins with the option.
   *
   * @param side of the images that it must be able to take, in pixels
   */
  static void check(String name, int side) {
    var scaled = SCALED.matcher(name);
    if (!Networks.names().contains(scaled.matches() ? scaled.group("base") : name)) {
      throw InvalidInputException.of(
          "--network %s: expected one of %s, or one with a multiplier of its channels such as"
              + " vgg-16-x0.5",
          name, String.join(", ", Networks.names()));
    }
    named(name).withResolution(side);
  }
}
