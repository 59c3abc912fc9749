package dev.expanse.jobs.space;

import com.typesafe.config.ConfigValueType;
import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BiPredicate;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * What a configuration may cost. Costs on paper are for one image.
 *
 * @param onPaper the least and the most of each cost on paper, by its key
 * @param latencyP50Ms the most milliseconds that the median query may take, checked by a sweep once
 *     it is measured; empty for any
 * @param elsewhere what it may cost on images of another side; empty for anything
 */
public record Constraints(
    Map<String, Range> onPaper, OptionalDouble latencyP50Ms, Optional<Elsewhere> elsewhere) {
  private static final String LATENCY = "latency-p50-ms";
  private static final String ELSEWHERE = "elsewhere";
  private static final Map<String, ToLongFunction<Complexity.Totals>> COSTS = costs();

  private static Map<String, ToLongFunction<Complexity.Totals>> costs() {
    var costs = new LinkedHashMap<String, ToLongFunction<Complexity.Totals>>();
    costs.put("macs", Complexity.Totals::macs);
    costs.put("params", Complexity.Totals::parameters);
    costs.put("activations", Complexity.Totals::activations);
    costs.put("weight-bytes", Complexity.Totals::weightBytes);
    costs.put("peak-activation-bytes", Complexity.Totals::peakActivationBytes);
    return costs;
  }

  /**
   * What a cost may be.
   *
   * @param least 0 for any
   * @param most and this is allowed as well
   */
  public record Range(double least, double most) {}

  /**
   * The same network with its family's strides, for images of another side.
   *
   * @param resolution their side, in pixels
   * @param onPaper the least and the most of each cost on paper, by its key
   */
  public record Elsewhere(int resolution, Map<String, Range> onPaper) {

    /** What a configuration is there. */
    NetworkSpec of(NetworkSpec spec) {
      return new NetworkSpec(spec.name(), spec.family(), resolution, spec.classes());
    }

    /** The keys of the costs that are too high there, such as {@code macs at 224}. */
    Optional<String> exceededBy(Complexity.Totals totals) {
      return violated(onPaper, TOO_HIGH, totals).map(this::there);
    }

    /** The keys of the costs that are too low there. */
    Optional<String> notReachedBy(Complexity.Totals totals) {
      return violated(onPaper, TOO_LOW, totals).map(this::there);
    }

    private String there(String keys) {
      return keys + " at " + resolution;
    }
  }

  private static final BiPredicate<Long, Range> TOO_HIGH = (cost, range) -> cost > range.most();
  private static final BiPredicate<Long, Range> TOO_LOW = (cost, range) -> cost < range.least();

  /** Copies the map, in the order in which costs are always named. */
  public Constraints {
    var ordered = new LinkedHashMap<String, Range>();
    for (var key : COSTS.keySet()) {
      if (onPaper.containsKey(key)) {
        ordered.put(key, onPaper.get(key));
      }
    }
    onPaper = Collections.unmodifiableMap(ordered);
  }

  /**
   * Reads {@code { macs = [135e6, 149.8e6], latency-p50-ms = 5 }}, the least and the most or the
   * most alone; a cost that is left out may be any. {@code elsewhere { resolution = 224, macs =
   * 149.8e6 }} is about images of another side.
   *
   * @throws InvalidInputException if a key is unknown or a value is no number above 0, nor two of
   *     them from low to high
   */
  static Constraints read(Settings settings) {
    settings.onlyKeys(keysWith(LATENCY, ELSEWHERE));
    var latency =
        settings.has(LATENCY)
            ? OptionalDouble.of(settings.number(LATENCY, 0.001, 1e6))
            : OptionalDouble.empty();
    var elsewhere =
        settings.has(ELSEWHERE)
            ? Optional.of(elsewhere(settings.object(ELSEWHERE)))
            : Optional.<Elsewhere>empty();
    return new Constraints(ranges(settings), latency, elsewhere);
  }

  private static Elsewhere elsewhere(Settings settings) {
    settings.onlyKeys(keysWith("resolution"));
    return new Elsewhere(
        settings.integer("resolution", 1, NetworkSpec.MOST_PIXELS), ranges(settings));
  }

  private static String[] keysWith(String... others) {
    return Stream.concat(COSTS.keySet().stream(), Stream.of(others)).toArray(String[]::new);
  }

  private static Map<String, Range> ranges(Settings settings) {
    var ranges = new LinkedHashMap<String, Range>();
    for (var key : COSTS.keySet()) {
      if (settings.has(key)) {
        ranges.put(key, range(settings, key));
      }
    }
    return ranges;
  }

  private static Range range(Settings settings, String key) {
    if (settings.value(key).valueType() != ConfigValueType.LIST) {
      return new Range(0, settings.number(key, 1, Long.MAX_VALUE));
    }
    var ends = settings.numbers(key, 1, Long.MAX_VALUE);
    if (ends.size() != 2 || ends.get(0) > ends.get(1)) {
      throw settings.wrong(key, settings.value(key), "the most, or [least, most]");
    }
    return new Range(ends.get(0), ends.get(1));
  }

  /** The keys of the costs that are too high, such as {@code macs, params}; empty if none is. */
  public Optional<String> exceededBy(Complexity.Totals totals) {
    return violated(onPaper, TOO_HIGH, totals);
  }

  /** The keys of the costs that are too low; empty if none is. */
  public Optional<String> notReachedBy(Complexity.Totals totals) {
    return violated(onPaper, TOO_LOW, totals);
  }

  private static Optional<String> violated(
      Map<String, Range> ranges, BiPredicate<Long, Range> violates, Complexity.Totals totals) {
    if (ranges.isEmpty()) {
      return Optional.empty();
    }
    var violated = new ArrayList<String>();
    for (var entry : ranges.entrySet()) {
      if (violates.test(COSTS.get(entry.getKey()).applyAsLong(totals), entry.getValue())) {
        violated.add(entry.getKey());
      }
    }
    return named(violated);
  }

  /**
   * {@code latency-p50-ms} if a configuration's median is longer than it may be; else empty.
   *
   * @param p50Ms the median of its queries, in milliseconds
   */
  public Optional<String> exceededBy(double p50Ms) {
    boolean exceeded = latencyP50Ms.isPresent() && p50Ms > latencyP50Ms.getAsDouble();
    return named(exceeded ? List.of(LATENCY) : List.of());
  }

  private static Optional<String> named(List<String> keys) {
    return keys.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", keys));
  }
}
