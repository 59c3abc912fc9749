package dev.expanse.jobs.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;

/**
 * The driver's part: its own metrics, and under {@code executor.<id>.} what each executor has told
 * last, until it has told nothing for a minute.
 */
final class DriverMetrics implements DriverPlugin {
  private static final Duration SILENT = Duration.ofMinutes(1);

  private final Map<String, Told> executors = new ConcurrentHashMap<>();
  private MetricRegistry registry;
  private boolean local;

  private record Told(Map<String, Double> values, long nanoTime) {}

  @Override
  public Map<String, String> init(SparkContext spark, PluginContext plugin) {
    registry = plugin.metricRegistry();
    local = spark.isLocal();
    return Map.of();
  }

  @Override
  public void registerMetrics(String applicationId, PluginContext plugin) {
    if (!local) { // else the executor is in this process and has registered them
      TrainingPlugin.registerHere(registry);
    }
  }

  /** From one executor after another, for Spark has one thread for a plugin's messages. */
  @Override
  public Object receive(Object message) {
    var told = (ExecutorMetrics.Message) message;
    var before =
        executors.put(told.executor(), new Told(Map.copyOf(told.values()), System.nanoTime()));
    if (before == null) {
      told.values().keySet().forEach(name -> register(told.executor(), name));
    }
    executors.forEach(
        (id, last) -> {
          if (System.nanoTime() - last.nanoTime() > SILENT.toNanos()) {
            forget(id);
          }
        });
    return null;
  }

  private void register(String executor, String name) {
    registry.register(
        prefix(executor) + name,
        (Gauge<Double>)
            () -> {
              var told = executors.get(executor);
              return told == null ? Double.NaN : told.values().get(name);
            });
  }

  private void forget(String executor) {
    executors.remove(executor);
    registry.removeMatching((name, metric) -> name.startsWith(prefix(executor)));
  }

  private static String prefix(String executor) {
    return "executor." + executor + ".";
  }
}
