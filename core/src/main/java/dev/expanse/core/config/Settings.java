package dev.expanse.core.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * One HOCON object of the user's, read strictly: a missing key, a value of the wrong type or out of
 * range, and a key that nobody knows are each answered by an {@link InvalidInputException} that
 * names the file, the line, the key, the value and what was expected.
 */
public final class Settings {
  private static final Set<ConfigValueType> TEXTS =
      Set.of(ConfigValueType.STRING, ConfigValueType.NUMBER, ConfigValueType.BOOLEAN);

  private final Config config;
  private final String source;
  private final String path;
  private final Set<String> removed;

  private Settings(Config config, String source, String path, Set<String> removed) {
    this.config = config;
    this.source = source;
    this.path = path;
    this.removed = removed;
  }

  /**
   * Parses HOCON.
   *
   * @param text the HOCON document
   * @param source the name that messages give it, most often its file's
   * @throws InvalidInputException if {@code text} is not HOCON
   */
  public static Settings parse(String text, String source) {
    try {
      var options = ConfigParseOptions.defaults().setOriginDescription(source);
      return of(ConfigFactory.parseString(text, options).resolve(), source);
    } catch (ConfigException e) {
      throw new InvalidInputException(malformed(source, e), e);
    }
  }

  /** Settings read from an object that has been parsed already. */
  public static Settings of(Config config, String source) {
    return new Settings(config, source, "", Set.of());
  }

  /** The name that messages give the document. */
  public String source() {
    return source;
  }

  /** True if {@code key} is there. */
  public boolean has(String key) {
    return config.hasPath(key);
  }

  /** The text at {@code key}. */
  public String text(String key) {
    var value = value(key, "a text");
    if (!TEXTS.contains(value.valueType())) {
      throw wrong(key, value, "a text");
    }
    return asWritten(value);
  }

  /** A number is not written anew, as 2024.1 for 2024.10. */
  private static String asWritten(ConfigValue value) {
    return value.atKey("it").getString("it");
  }

  /** The text at {@code key}, or {@code otherwise} where there is none. */
  public String text(String key, String otherwise) {
    return has(key) ? text(key) : otherwise;
  }

  /** The text at {@code key}, which is one of {@code choices}. */
  public String choice(String key, String otherwise, Set<String> choices) {
    var text = text(key, otherwise);
    if (!choices.contains(text)) {
      throw wrong(key, config.getValue(key), "one of " + String.join(", ", new TreeSet<>(choices)));
    }
    return text;
  }

  /** The whole number at {@code key}, from {@code least} to {@code most}. */
  public int integer(String key, int least, int most) {
    var expected = "a whole number from " + least + " to " + most;
    return whole(key, value(key, expected), least, most);
  }

  /** The whole number at {@code key}, or {@code otherwise} where there is none. */
  public int integer(String key, int least, int most, int otherwise) {
    return has(key) ? integer(key, least, most) : otherwise;
  }

  /** The number at {@code key}, from {@code least} to {@code most}. */
  public double number(String key, double least, double most) {
    var expected = "a number from " + least + " to " + most;
    return real(key, value(key, expected), least, most);
  }

  /** The number at {@code key}, or {@code otherwise} where there is none. */
  public double number(String key, double least, double most, double otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    return real(key, config.getValue(key), least, most);
  }

  /** The switch at {@code key}, or {@code otherwise} where there is none. */
  public boolean flag(String key, boolean otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    var value = config.getValue(key);
    if (value.valueType() != ConfigValueType.BOOLEAN) {
      throw wrong(key, value, "true or false");
    }
    return (Boolean) value.unwrapped();
  }

  /** The texts of the list at {@code key}; a missing list is empty. */
  public List<String> texts(String key) {
    var texts = new ArrayList<String>();
    for (var item : items(key)) {
      if (!TEXTS.contains(item.valueType())) {
        throw wrong(key, item, "a list of texts");
      }
      texts.add(asWritten(item));
    }
    return texts;
  }

  /** The numbers of the list at {@code key}; a missing list is empty. */
  public List<Double> numbers(String key, double least, double most) {
    var numbers = new ArrayList<Double>();
    for (var item : items(key)) {
      numbers.add(real(key, item, least, most));
    }
    return numbers;
  }

  /** The whole numbers of the list at {@code key}; a missing list is empty. */
  public List<Integer> integers(String key, int least, int most) {
    return items(key).stream().map(item -> whole(key, item, least, most)).toList();
  }

  /**
   * The rows of a table: a list of lists, each as long as {@code columns}.
   *
   * @throws InvalidInputException if a row has more or fewer values; the message shows the row
   */
  public List<List<ConfigValue>> rows(String key, List<String> columns) {
    var expected = "a row of " + columns.size() + " values [" + String.join(", ", columns) + "]";
    var rows = new ArrayList<List<ConfigValue>>();
    for (var item : items(key)) {
      if (!(item instanceof com.typesafe.config.ConfigList row) || row.size() != columns.size()) {
        throw wrong(key, item, expected);
      }
      rows.add(row);
    }
    return rows;
  }

  /**
   * A table that is not empty.
   *
   * @param row what makes a row of its cells
   * @throws InvalidInputException if it is empty or missing, or a row has more or fewer values
   */
  public <T> List<T> table(String key, List<String> columns, Function<List<ConfigValue>, T> row) {
    var table = rows(key, columns).stream().map(row).toList();
    if (table.isEmpty()) {
      throw wrong(key, "[]", "at least one row of " + columns);
    }
    return table;
  }

  /** One cell of a table as a whole number; {@code column} is its name in messages. */
  public int cell(String key, String column, ConfigValue value, int least, int most) {
    return whole(key + "." + column, value, least, most);
  }

  /** One cell of a table as a number; {@code column} is its name in messages. */
  public double cell(String key, String column, ConfigValue value, double least, double most) {
    return real(key + "." + column, value, least, most);
  }

  /** The object at {@code key}. */
  public Settings object(String key) {
    var value = value(key, "an object { ... }");
    if (value.valueType() != ConfigValueType.OBJECT) {
      throw wrong(key, value, "an object { ... }");
    }
    return new Settings(config.getConfig(key), source, path + key + ".", Set.of());
  }

  /** The object at {@code key}, empty where there is none. */
  public Settings objectOrEmpty(String key) {
    return has(key)
        ? object(key)
        : new Settings(ConfigFactory.empty(), source, path + key + ".", Set.of());
  }

  /** The items of the list at {@code key}, whatever they are; a missing list is empty. */
  public List<ConfigValue> items(String key) {
    if (!has(key)) {
      return List.of();
    }
    var value = config.getValue(key);
    if (!(value instanceof com.typesafe.config.ConfigList list)) {
      throw wrong(key, value, "a list [ ... ]");
    }
    return list;
  }

  /**
   * Refuses every key but {@code known}, so that a mistyped one is not silently left out. Those
   * that {@link #without} has removed are known as well: someone else has read them.
   *
   * @throws InvalidInputException naming the first unknown key and all known ones
   */
  public Settings onlyKeys(String... known) {
    var allowed = new TreeSet<>(Arrays.asList(known));
    allowed.addAll(removed);
    for (var key : keys()) {
      if (!allowed.contains(key)) {
        throw wrong(
            key, config.root().get(key), "no such key (known: " + String.join(", ", allowed) + ")");
      }
    }
    return this;
  }

  /** This object with the keys of {@code defaults} where it has none of its own. */
  public Settings withDefaults(Settings defaults) {
    return new Settings(config.withFallback(defaults.config), source, path, removed);
  }

  /** The same object without {@code key}, which {@link #onlyKeys} goes on to know. */
  public Settings without(String key) {
    var others = new TreeSet<>(removed);
    others.add(key);
    return new Settings(config.withoutPath(key), source, path, others);
  }

  /** The same object with another value at {@code key}. */
  public Settings with(String key, ConfigValue value) {
    return new Settings(config.withValue(key, value), source, path, removed);
  }

  /** The keys of this object, in alphabetical order. */
  public SortedSet<String> keys() {
    return new TreeSet<>(config.root().keySet());
  }

  /** This object as HOCON on one line. */
  public String toHocon() {
    return config.root().render(ConfigRenderOptions.concise());
  }

  /** The message for a value that parses but cannot be used. */
  public InvalidInputException wrong(String key, Object value, String expected) {
    var shown =
        value instanceof ConfigValue v ? v.render(ConfigRenderOptions.concise()) : "" + value;
    // a value that was merged in from another document is named by that document
    var where =
        value instanceof ConfigValue v && v.origin().lineNumber() > 0
            ? v.origin().description().replaceFirst(": (\\d+)$", ", line $1")
            : source;
    return InvalidInputException.of(
        "%s: %s%s = %s: expected %s", where, path, key, shown, expected);
  }

  /** The value at {@code key}, whatever it is. */
  public ConfigValue value(String key) {
    return value(key, "a value");
  }

  private ConfigValue value(String key, String expected) {
    if (!config.hasPath(key)) {
      throw InvalidInputException.of(
          "%s: %s%s is missing: expected %s", source, path, key, expected);
    }
    return config.getValue(key);
  }

  private int whole(String key, ConfigValue value, int least, int most) {
    if (value.unwrapped() instanceof Number number
        && number.doubleValue() == Math.rint(number.doubleValue())
        && number.doubleValue() >= least
        && number.doubleValue() <= most) {
      return number.intValue();
    }
    throw wrong(key, value, "a whole number from " + least + " to " + most);
  }

  private double real(String key, ConfigValue value, double least, double most) {
    if (value.unwrapped() instanceof Number number
        && number.doubleValue() >= least
        && number.doubleValue() <= most) {
      return number.doubleValue();
    }
    throw wrong(key, value, "a number from " + least + " to " + most);
  }

  private static String malformed(String source, ConfigException e) {
    var where = e.origin() != null && e.origin().lineNumber() > 0 ? e.origin().lineNumber() : 0;
    var reason = e.getMessage().replaceFirst("^.*?: \\d+: ", "").replaceAll("\\s+", " ");
    return where > 0
        ? String.format("%s, line %d: not HOCON: %s", source, where, reason)
        : String.format("%s: not HOCON: %s", source, reason);
  }
}
