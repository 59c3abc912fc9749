package dev.expanse.jobs.input;

import dev.expanse.core.image.BatchLoader;
import dev.expanse.jobs.compute.BetweenRounds;
import dev.expanse.jobs.input.TrainingInput.Step;
import org.apache.hadoop.conf.Configuration;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * What feeds one worker with minibatches. Between rounds it waits in the executor's process, where
 * it goes on decoding while weights are averaged, and the worker's next task finds it again; a task
 * that finds none, on another executor or after a failure, opens one at its step.
 */
public final class WorkerInput implements AutoCloseable {
  private static final BetweenRounds<WorkerInput> WAITING = new BetweenRounds<>(WorkerInput::close);

  private final TrainingInput input;
  private final BatchLoader loader;
  private final BatchArrays arrays;
  private Step next;

  private WorkerInput(TrainingInput input, Step from, Configuration hadoop) {
    this.input = input;
    this.loader = input.load(from, hadoop);
    this.arrays = new BatchArrays(input.side(), input.classes());
    this.next = from;
  }

  /**
   * The minibatch of a step, the network's images and the shares of their classes; they stay as
   * they are until the worker's next step.
   */
  public static MultiDataSet minibatch(TrainingInput input, Step step, Configuration hadoop) {
    var waiting = WAITING.take(input.run(), step.worker()).orElse(null);
    if (waiting != null && !waiting.next.equals(step)) {
      waiting.close();
      waiting = null;
    }
    if (waiting == null) {
      waiting = new WorkerInput(input, step, hadoop);
    }
    var minibatch = waiting.take();
    WAITING.leave(input.run(), step.worker(), waiting);
    return minibatch;
  }

  private MultiDataSet take() {
    try {
      var minibatch = arrays.mixed(loader.next(), input.mixing(), input.seed(next));
      next = input.after(next);
      return minibatch;
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Closes what waits in this process for a run that is over. */
  public static void close(String run) {
    WAITING.close(run);
  }

  @Override
  public void close() {
    loader.close();
    arrays.close();
  }
}
