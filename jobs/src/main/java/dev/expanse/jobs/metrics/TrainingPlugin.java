package dev.expanse.jobs.metrics;

import com.codahale.metrics.MetricRegistry;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * Gives Spark's metrics system what it has to tell of trainings: {@code spark.plugins =
 * dev.expanse.jobs.metrics.TrainingPlugin}. Executors have their {@link TrainingMetrics} in their
 * own registries, for whatever sinks they have, and the driver has its own and, because only a
 * driver has a page for Prometheus, those of all executors.
 */
public final class TrainingPlugin implements SparkPlugin {
  /** A plugin; Spark makes it. */
  public TrainingPlugin() {}

  @Override
  public DriverPlugin driverPlugin() {
    return new DriverMetrics();
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorMetrics();
  }

  static void registerHere(MetricRegistry registry) {
    TrainingMetrics.here().byName().forEach(registry::register);
  }
}
