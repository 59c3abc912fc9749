package dev.expanse.jobs.space;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import java.util.HashSet;
import java.util.List;

/**
 * A key of a network of which a space lists several values.
 *
 * @param key the key, as a network's file has it
 * @param values what it may be, all different
 * @param written the values as HOCON with their key: {@code width = 0.5}
 */
record Knob(String key, List<ConfigValue> values, List<String> written) {

  /** The key with these values. */
  static Knob of(String key, List<ConfigValue> values) {
    return new Knob(
        key,
        values,
        values.stream()
            .map(value -> key + " = " + value.render(ConfigRenderOptions.concise()))
            .toList());
  }

  /**
   * The items of a list of choices.
   *
   * @throws InvalidInputException if there are none, or two are equal
   */
  static List<ConfigValue> distinct(Settings settings, String key, ConfigList list) {
    if (list.isEmpty()) {
      throw settings.wrong(key, list, "at least one value");
    }
    var seen = new HashSet<Object>();
    for (var value : list) {
      // 1 and 1.0 are one value
      var plain = value.unwrapped() instanceof Number n ? (Object) n.doubleValue() : value;
      if (!seen.add(plain)) {
        throw settings.wrong(key, list, "values that differ");
      }
    }
    return List.copyOf(list);
  }
}
