package dev.expanse.bench;

import java.util.Map;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Defaults of a benchmark for options that all benchmarks have. */
abstract class OtherDefaults implements IDefaultValueProvider {
  private final Map<String, String> values;

  /**
   * Makes them.
   *
   * @param values by the name of the option
   */
  OtherDefaults(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  @Override
  public final String defaultValue(ArgSpec argument) {
    return argument instanceof OptionSpec option ? values.get(option.longestName()) : null;
  }
}
