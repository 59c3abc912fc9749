package dev.expanse.jobs.sweep;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.latency.LatencyProtocol;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Of what a sweep measures the latency: every combination of engine and batch.
 *
 * @param engines whose code answers; empty for the engine that trains
 * @param batches images a query
 * @param threads threads of a query
 * @param protocol how queries are timed
 */
public record LatencySpec(
    List<String> engines, List<Integer> batches, int threads, LatencyProtocol protocol) {

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
        settings.integer("threads", 1, 1024, 1),
        LatencyProtocol.read(settings));
  }

  /** What there is to measure of a network, that of the sweep's own table first. */
  List<LatencyTask> tasks(String trainingEngine) {
    var named = engines.isEmpty() ? List.of(trainingEngine) : engines;
    return named.stream()
        .flatMap(
            engine ->
                batches.stream().map(batch -> new LatencyTask(engine, batch, threads, protocol)))
        .distinct()
        .toList();
  }
}
