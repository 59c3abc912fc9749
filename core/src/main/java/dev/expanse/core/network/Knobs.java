package dev.expanse.core.network;

import dev.expanse.core.config.Settings;
import java.util.List;
import java.util.stream.Collectors;

/** The knobs that several families share: how they are read, written, and what they do. */
final class Knobs {
  static final int MOST_CHANNELS = 65_536;
  static final int MOST_REPEATS = 1000;

  private Knobs() {}

  /** The multiplier of channels, 1 where there is none. */
  static double width(Settings settings) {
    return settings.number("width", 0.01, 100, 1.0);
  }

  /** The rate of the dropout before the classifier. */
  static double dropout(Settings settings, double otherwise) {
    return settings.number("dropout", 0, 0.99, otherwise);
  }

  /** A number of channels. */
  static int channels(Settings settings, String key, int otherwise) {
    return settings.integer(key, 1, MOST_CHANNELS, otherwise);
  }

  /** The reduction ratio of squeeze-and-excitation, 0 for none. */
  static int squeezeExcite(Settings settings) {
    return settings.integer("squeeze-excite", 0, MOST_CHANNELS, 0);
  }

  /** A list of whole numbers that is not empty. */
  static List<Integer> list(Settings settings, String key, int most, List<Integer> otherwise) {
    if (!settings.has(key)) {
      return otherwise;
    }
    var values = settings.integers(key, 1, most);
    if (values.isEmpty()) {
      throw settings.wrong(key, "[]", "at least one whole number from 1 to " + most);
    }
    return values;
  }

  /**
   * Refuses a family whose table or list of stages is empty.
   *
   * @return a copy of the rows
   * @throws IllegalArgumentException if there are none; the message shows the table
   */
  static <T> List<T> notEmpty(List<T> rows) {
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("Cannot build a network of the empty table " + rows);
    }
    return List.copyOf(rows);
  }

  /** Channels times {@code width}, to the nearest whole number above zero. */
  static int scaled(int channels, double width) {
    return Math.max(1, (int) Math.rint(channels * width));
  }

  /** A list or a table as HOCON. */
  static String written(List<?> values) {
    return values.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
  }

  /** A number as HOCON, without a decimal point where it is whole. */
  static String written(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }
}
