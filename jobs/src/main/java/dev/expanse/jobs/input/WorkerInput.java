package dev.expanse.jobs.input;

import dev.expanse.core.image.BatchLoader;
import dev.expanse.jobs.input.TrainingInput.Step;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * What feeds one worker with minibatches. Between rounds it waits in the executor's process, where
 * it goes on decoding while weights are averaged, and the worker's next task finds it again; a task
 * that finds none, on another executor or after a failure, opens one at its step.
 */
public final class WorkerInput implements AutoCloseable {
  private static final Map<Key, WorkerInput> WAITING = new ConcurrentHashMap<>();
  private static final long FORGOTTEN_NANOS = 600_000_000_000L;

  private final TrainingInput input;
  private final BatchLoader loader;
  private final BatchArrays arrays;
  private Step next;
  private long usedAt;

  private record Key(String run, int worker) {}

  private WorkerInput(TrainingInput input, Step from, Configuration hadoop) {
    this.input = input;
    this.loader = input.load(from, hadoop);
    this.arrays = new BatchArrays(input.side(), input.classes());
    this.next = from;
  }

  /**
   * The minibatch of a step, the network's images and one-hot labels; they stay as they are until
   * the worker's next step.
   */
  public static MultiDataSet minibatch(TrainingInput input, Step step, Configuration hadoop) {
    var key = new Key(input.run(), step.worker());
    var waiting = WAITING.remove(key); // nobody else has it now
    if (waiting != null && !waiting.next.equals(step)) {
      waiting.close();
      waiting = null;
    }
    if (waiting == null) {
      closeForgotten(input.run());
      waiting = new WorkerInput(input, step, hadoop);
    }
    var minibatch = waiting.take();
    var other = WAITING.put(key, waiting);
    if (other != null) {
      other.close();
    }
    return minibatch;
  }

  private MultiDataSet take() {
    try {
      var batch = loader.next();
      next = input.after(next);
      usedAt = System.nanoTime();
      return new MultiDataSet(arrays.features(batch), arrays.labels(batch));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Closes what waits in this process for a run that is over. */
  public static void close(String run) {
    for (var key : WAITING.keySet()) {
      if (key.run().equals(run)) {
        closeWaiting(key);
      }
    }
  }

  /** A run that failed may have left something here, on another machine than its driver's. */
  private static void closeForgotten(String run) {
    for (var entry : WAITING.entrySet()) {
      if (!entry.getKey().run().equals(run)
          && System.nanoTime() - entry.getValue().usedAt > FORGOTTEN_NANOS) {
        closeWaiting(entry.getKey());
      }
    }
  }

  private static void closeWaiting(Key key) {
    var waiting = WAITING.remove(key);
    if (waiting != null) {
      waiting.close();
    }
  }

  @Override
  public void close() {
    loader.close();
    arrays.close();
  }
}
