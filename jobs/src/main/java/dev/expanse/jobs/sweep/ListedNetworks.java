package dev.expanse.jobs.sweep;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The networks that a sweep lists under {@code configurations}. */
final class ListedNetworks {
  /** Keys of which a configuration may list several values, with the letter that names show. */
  private static final Map<String, String> GRID = grid();

  private ListedNetworks() {}

  private static Map<String, String> grid() {
    var grid = new LinkedHashMap<String, String>();
    grid.put("expansion", "t");
    grid.put("width", "w");
    grid.put("resolution", "r");
    grid.put("output-stride", "os");
    return grid;
  }

  /**
   * Reads the list of a sweep; without it, there are none.
   *
   * @throws InvalidInputException if a configuration makes no network
   */
  static List<NetworkSpec> read(Settings settings) {
    var networks = new ArrayList<NetworkSpec>();
    for (var entry : settings.items("configurations")) {
      if (!(entry instanceof ConfigObject object)) {
        throw settings.wrong("configurations", entry, "a list of objects { base = ... }");
      }
      networks.addAll(combinations(withCommon(object, settings), settings));
    }
    return List.copyOf(networks);
  }

  private static ConfigObject withCommon(ConfigObject entry, Settings settings) {
    var object = entry;
    for (var key : List.of("resolution", "width", "output-stride")) {
      if (settings.has(key) && !entry.containsKey(key)) {
        object = object.withValue(key, settings.value(key));
      }
    }
    return object;
  }

  /** Every combination of the values that a configuration lists. */
  private static List<NetworkSpec> combinations(ConfigObject entry, Settings settings) {
    var combinations = List.of(entry);
    var listed = new ArrayList<String>();
    for (var key : GRID.keySet()) {
      if (entry.get(key) instanceof ConfigList values) {
        if (values.isEmpty()) {
          throw settings.wrong(key, values, "at least one value");
        }
        listed.add(key);
        combinations =
            combinations.stream()
                .flatMap(object -> values.stream().map(value -> object.withValue(key, value)))
                .toList();
      }
    }
    return combinations.stream().map(object -> network(object, listed, settings)).toList();
  }

  private static NetworkSpec network(ConfigObject object, List<String> listed, Settings settings) {
    var spec = NetworkSpec.describe(Settings.of(object.toConfig(), settings.source()));
    var suffix =
        listed.stream()
            .map(key -> "-" + GRID.get(key) + shown(object.get(key)))
            .collect(Collectors.joining());
    return spec.withName(spec.name() + suffix);
  }

  private static String shown(ConfigValue value) {
    return value instanceof ConfigList list
        ? list.stream().map(ListedNetworks::shown).collect(Collectors.joining("_"))
        : String.valueOf(value.unwrapped());
  }
}
