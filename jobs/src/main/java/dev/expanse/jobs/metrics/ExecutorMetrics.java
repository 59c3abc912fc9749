package dev.expanse.jobs.metrics;

import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An executor's part: its metrics, of which it also tells the driver every few seconds. */
final class ExecutorMetrics implements ExecutorPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutorMetrics.class);
  private static final Duration PERIOD = Duration.ofSeconds(5);

  /** In local mode, where the driver is the executor. */
  private static final String DRIVER = "driver";

  private ScheduledExecutorService clock;

  /**
   * What an executor tells.
   *
   * @param executor its id
   * @param values of its metrics
   */
  record Message(String executor, HashMap<String, Double> values) implements Serializable {}

  @Override
  public void init(PluginContext plugin, Map<String, String> settings) {
    TrainingPlugin.registerHere(plugin.metricRegistry());
    if (!plugin.executorID().equals(DRIVER)) {
      clock = Executors.newSingleThreadScheduledExecutor(ExecutorMetrics::daemon);
      clock.scheduleAtFixedRate(() -> tell(plugin), 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static Thread daemon(Runnable work) {
    var thread = new Thread(work, "training-metrics");
    thread.setDaemon(true);
    return thread;
  }

  private static void tell(PluginContext plugin) {
    try {
      var values = new HashMap<>(TrainingMetrics.here().values());
      plugin.send(new Message(plugin.executorID(), values));
    } catch (IOException e) { // the driver may be ending; what is missed is told the next time
      LOG.debug("Cannot tell the driver of the metrics", e);
    }
  }

  @Override
  public void shutdown() {
    if (clock != null) {
      clock.shutdownNow();
    }
  }
}
