package dev.expanse.core.complexity;

import dev.expanse.core.complexity.Complexity.Totals;
import dev.expanse.core.network.InvertedResidual;
import dev.expanse.core.network.InvertedResidual.Row;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Shape;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Counts many networks of inverted residuals that have stages in common, each stage only once on
 * maps of one shape. What a stage costs does not depend on the others; and while it runs, of theirs
 * no map is in memory but the one that it reads, so that the peak of a network is that of one of
 * its parts. Networks of other families, or whose output stride is given, are counted one by one.
 *
 * <p>Several threads may count at once.
 */
public final class CountedParts {
  // some 30 MB; the spaces that people write have some thousands
  private static final int MOST_KEPT = 1 << 17;

  private final Map<Key, Part> known = new ConcurrentHashMap<>();

  /** All that a part's network depends on. */
  private sealed interface Key {}

  private record Stem(int channels, double width, int resolution) implements Key {}

  // with its number, for messages have it
  private record Stage(int number, Row row, double width, int squeezeExcite, Shape map)
      implements Key {}

  private record Rest(int head, double width, double dropout, int classes, Shape map)
      implements Key {}

  /**
   * What is known of a part.
   *
   * @param totals what it costs; null where it cannot be built
   * @param output the shape of the map that it gives; null where it cannot be built
   * @param refusal why it cannot be built, else null
   */
  private record Part(Totals totals, Shape output, String refusal) {}

  /**
   * What {@code Totals.of(spec.network())} says.
   *
   * @throws IllegalArgumentException if the network cannot be built, with the builder's sentence
   */
  public Totals totals(NetworkSpec spec) {
    return spec.family() instanceof InvertedResidual family && spec.outputStride() == 0
        ? totals(family, spec.resolution(), spec.classes())
        : Totals.of(spec.network());
  }

  private Totals totals(InvertedResidual family, int resolution, int classes) {
    double width = family.width();
    var part = part(new Stem(family.stem(), width, resolution), () -> family.stem(resolution));
    var totals = part.totals();
    for (int i = 0; i < family.table().size(); i++) {
      int number = i + 1;
      var row = family.table().get(i);
      var map = part.output();
      var key = new Stage(number, row, width, family.squeezeExcite(), map);
      part = part(key, () -> family.stage(number, row, map));
      totals = totals.then(part.totals());
    }
    var map = part.output();
    var key = new Rest(family.head(), width, family.dropout(), classes, map);
    return totals.then(part(key, () -> family.rest(map, classes)).totals());
  }

  private Part part(Key key, Supplier<Network> network) {
    var part = known.get(key);
    if (part == null) {
      part = counted(network);
      if (known.size() < MOST_KEPT) {
        known.put(key, part);
      }
    }
    if (part.refusal() != null) {
      throw new IllegalArgumentException(part.refusal());
    }
    return part;
  }

  private static Part counted(Supplier<Network> network) {
    try {
      var built = network.get();
      return new Part(Totals.of(built), built.output().shape(), null);
    } catch (IllegalArgumentException | ArithmeticException e) {
      return new Part(null, null, e.getMessage());
    }
  }
}
