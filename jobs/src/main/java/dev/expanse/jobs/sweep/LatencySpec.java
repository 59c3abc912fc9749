package dev.expanse.jobs.sweep;

import com.typesafe.config.ConfigValueType;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.latency.LatencyProtocol;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.TreeSet;

/**
 * Of what a sweep measures the latency: every combination of engine, batch and threads.
 *
 * @param engines whose code answers; empty for the engine that trains
 * @param batches images a query
 * @param threads numbers of threads of a query
 * @param protocol how queries are timed
 */
public record LatencySpec(
    List<String> engines, List<Integer> batches, List<Integer> threads, LatencyProtocol protocol) {

  private static final int MOST_THREADS = 1024;

  /**
   * Reads the object {@code latency} of a sweep.
   *
   * @throws InvalidInputException if a key is unknown or a value out of range
   */
  static LatencySpec read(Settings settings) {
    var keys = new ArrayList<>(List.of("engines", "batches", "threads"));
    keys.addAll(LatencyProtocol.keys());
    settings.onlyKeys(keys.toArray(String[]::new));
    var engines = settings.texts("engines");
    for (var engine : settings.items("engines")) {
      if (!LatencyTask.engines().contains(String.valueOf(engine.unwrapped()))) {
        var names = String.join(", ", new TreeSet<>(LatencyTask.engines()));
        throw settings.wrong("engines", engine, "each one of " + names);
      }
    }
    var batches = settings.integers("batches", 1, 65_536);
    return new LatencySpec(
        engines,
        batches.isEmpty() ? List.of(1) : batches,
        threads(settings),
        LatencyProtocol.read(settings));
  }

  private static List<Integer> threads(Settings settings) {
    boolean several =
        settings.has("threads") && settings.value("threads").valueType() == ConfigValueType.LIST;
    var threads = several ? settings.integers("threads", 1, MOST_THREADS) : List.<Integer>of();
    return threads.isEmpty() ? List.of(settings.integer("threads", 1, MOST_THREADS, 1)) : threads;
  }

  /** What there is to measure of a network, that of the sweep's own table first. */
  List<LatencyTask> tasks(String trainingEngine) {
    var named = engines.isEmpty() ? List.of(trainingEngine) : engines;
    var tasks = new LinkedHashSet<LatencyTask>();
    for (var engine : named) {
      for (int batch : batches) {
        threads.forEach(some -> tasks.add(new LatencyTask(engine, batch, some, protocol)));
      }
    }
    return List.copyOf(tasks);
  }
}
