package dev.expanse.jobs.space;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Networks;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The combinations of the values that a space lists for keys of its network, numbered so that the
 * last key's value changes first. Each is read from HOCON once only: a few of these go with many
 * tables.
 */
final class Variants {
  private static final Set<String> SINGLE = Set.of("base", "family", "name");
  private static final int MOST_KEPT = 1 << 16;
  private static final long MOST = 1_000_000_000;

  private final Settings network;
  private final List<Knob> knobs;
  private final int size;
  private final NetworkSpec[] kept;

  private Variants(Settings network, List<Knob> knobs) {
    this.network = network;
    this.knobs = List.copyOf(knobs);
    long combinations = 1;
    for (var knob : knobs) {
      combinations *= knob.values().size();
      if (combinations > MOST) {
        throw network.wrong(
            knob.key(), network.value(knob.key()), "at most " + MOST + " combinations with others");
      }
    }
    this.size = (int) combinations;
    this.kept = new NetworkSpec[size <= MOST_KEPT ? size : 0];
  }

  /**
   * Reads the keys of a network, of which any but {@code base}, {@code family} and {@code name} may
   * list several values.
   *
   * @throws InvalidInputException if a key is unknown, or a value out of range
   */
  static Variants read(Settings network) {
    var knobs = new ArrayList<Knob>();
    for (var key : network.keys()) {
      // what is no word cannot be a knob, and is refused with the unknown keys
      if (key.matches("[a-z-]+")
          && !SINGLE.contains(key)
          && network.value(key) instanceof ConfigList list
          && depth(list) > usualDepth(network, key)) {
        knobs.add(Knob.of(key, Knob.distinct(network, key, list)));
      }
    }
    var variants = new Variants(network, knobs);
    variants.requireReadable();
    return variants;
  }

  /** How deep a value's lists are: a table's are 2. */
  private static int depth(ConfigValue value) {
    return value instanceof ConfigList list
        ? 1 + list.stream().mapToInt(Variants::depth).max().orElse(0)
        : 0;
  }

  /** How deep the lists of a single value are: those of the named networks of the same family. */
  private static int usualDepth(Settings network, String key) {
    var family = network.text("family", "");
    var base = network.text("base", "");
    return Networks.names().stream()
        .filter(name -> name.equals(base) || Networks.named(name).family().key().equals(family))
        .map(name -> Settings.parse(Networks.named(name).toHocon(), name))
        .filter(settings -> settings.has(key))
        .mapToInt(settings -> depth(settings.value(key)))
        .max()
        .orElse(0);
  }

  /** A value that is wrong in every combination is a mistake of the file, told with its line. */
  private void requireReadable() {
    for (int k = 0; k < knobs.size(); k++) {
      for (int v = 0; v < knobs.get(k).values().size(); v++) {
        requireReadable(k, v);
      }
    }
    if (knobs.isEmpty()) {
      at(0);
    }
  }

  private void requireReadable(int knob, int value) {
    InvalidInputException first = null;
    for (int i = 0; i < Math.min(size, MOST_KEPT); i++) {
      if (values(i)[knob] == value) {
        try {
          at(i);
          return;
        } catch (InvalidInputException e) {
          first = first == null ? e : first;
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /** How many combinations there are. */
  int size() {
    return size;
  }

  /** The keys that list values. */
  List<String> keys() {
    return knobs.stream().map(Knob::key).toList();
  }

  /**
   * A combination's network, which may not build.
   *
   * @throws InvalidInputException if its values do not go together
   */
  NetworkSpec at(int index) {
    if (kept.length == 0) {
      return read(index);
    }
    // two threads may read the same: no harm
    var variant = kept[index];
    if (variant == null) {
      variant = read(index);
      kept[index] = variant;
    }
    return variant;
  }

  private NetworkSpec read(int index) {
    var values = values(index);
    var settings = network;
    for (int k = 0; k < values.length; k++) {
      settings = settings.with(knobs.get(k).key(), knobs.get(k).values().get(values[k]));
    }
    return NetworkSpec.describe(settings);
  }

  /** A combination's values as HOCON, on one line. */
  String choices(int index) {
    var values = values(index);
    var choices = new ArrayList<String>();
    for (int k = 0; k < values.length; k++) {
      choices.add(knobs.get(k).written().get(values[k]));
    }
    return String.join(", ", choices);
  }

  /** Which value each key has. */
  private int[] values(int index) {
    var values = new int[knobs.size()];
    int rest = index;
    for (int k = values.length - 1; k >= 0; k--) {
      int count = knobs.get(k).values().size();
      values[k] = rest % count;
      rest /= count;
    }
    return values;
  }

  /** How many keys list more than one value. */
  int changeable() {
    return (int) knobs.stream().filter(knob -> knob.values().size() > 1).count();
  }

  /** The combination with another value of the {@code nth} key that has several. */
  int mutated(int index, int nth, SplittableRandom random) {
    var values = values(index);
    int seen = 0;
    int mutated = 0;
    for (int k = 0; k < values.length; k++) {
      int count = knobs.get(k).values().size();
      int value = values[k];
      if (count > 1 && seen++ == nth) {
        value = (value + 1 + random.nextInt(count - 1)) % count;
      }
      mutated = mutated * count + value;
    }
    return mutated;
  }
}
