package dev.expanse.jobs.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.Metric;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;

/**
 * What trains in this process, for Spark's metrics system: {@link TrainingPlugin} registers it
 * there. A step costs some additions, whether anybody looks at them or not.
 */
public final class TrainingMetrics {
  private static final TrainingMetrics HERE = new TrainingMetrics();

  private final Meter images = new Meter();
  private final Counter steps = new Counter();
  private final Counter rounds = new Counter();
  private final Set<IntSupplier> queues = ConcurrentHashMap.newKeySet();
  private volatile double stepLoss = Double.NaN;
  private volatile double roundLoss = Double.NaN;
  private volatile double roundRate = Double.NaN;

  TrainingMetrics() {}

  /** This process's. */
  public static TrainingMetrics here() {
    return HERE;
  }

  /**
   * A worker in this process has taken a step.
   *
   * @param count images of its minibatch
   * @param loss of the minibatch, weight penalty included
   */
  public void step(int count, double loss) {
    images.mark(count);
    steps.inc();
    stepLoss = loss;
  }

  /**
   * A round is over of a training that this process directs.
   *
   * @param count images of all its workers
   * @param seconds how long it took
   * @param loss of the round, as in its row
   */
  public void round(long count, double seconds, double loss) {
    rounds.inc();
    roundLoss = loss;
    roundRate = count / seconds;
  }

  /**
   * A queue of minibatches has been opened.
   *
   * @param ready how many wait to be taken; asked from any thread, until {@link #closed}
   */
  public void opened(IntSupplier ready) {
    queues.add(ready);
  }

  /** A queue is no more. */
  public void closed(IntSupplier ready) {
    queues.remove(ready);
  }

  private int ready() {
    return queues.stream().mapToInt(IntSupplier::getAsInt).sum();
  }

  /**
   * The metrics under their names: {@code images} (a meter, of what workers here are trained on),
   * {@code steps}, {@code step_loss} (the last one's), {@code queues} and {@code queue_depth}
   * (minibatches that are decoded and wait, in all queues together), {@code rounds}, {@code
   * round_loss} and {@code round_images_per_second} (the last one's, of all workers).
   */
  Map<String, Metric> byName() {
    var metrics = new LinkedHashMap<String, Metric>();
    metrics.put("images", images);
    metrics.put("steps", steps);
    metrics.put("step_loss", (Gauge<Double>) () -> stepLoss);
    metrics.put("queues", (Gauge<Integer>) queues::size);
    metrics.put("queue_depth", (Gauge<Integer>) this::ready);
    metrics.put("rounds", rounds);
    metrics.put("round_loss", (Gauge<Double>) () -> roundLoss);
    metrics.put("round_images_per_second", (Gauge<Double>) () -> roundRate);
    return metrics;
  }

  /** What the metrics are now, a meter as its count and its rate over the last minute. */
  Map<String, Double> values() {
    var values = new LinkedHashMap<String, Double>();
    byName()
        .forEach(
            (name, metric) -> {
              if (metric instanceof Meter meter) {
                values.put(name, (double) meter.getCount());
                values.put(name + "_per_second", meter.getOneMinuteRate());
              } else if (metric instanceof Counter counter) {
                values.put(name, (double) counter.getCount());
              } else if (metric instanceof Gauge<?> gauge) {
                values.put(name, ((Number) gauge.getValue()).doubleValue());
              }
            });
    return values;
  }
}
