package dev.expanse.jobs.input;

import dev.expanse.core.image.BatchLoader;
import dev.expanse.jobs.compute.BetweenRounds;
import dev.expanse.jobs.input.TrainingInput.Step;
import dev.expanse.jobs.metrics.TrainingMetrics;
import java.util.Iterator;
import java.util.function.IntSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.nd4j.linalg.dataset.api.MultiDataSet;

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
  private final IntSupplier ready;
  private Step next;

  private WorkerInput(TrainingInput input, Step from, Configuration hadoop) {
    this.input = input;
    this.loader = input.load(from, hadoop);
    this.arrays = new BatchArrays(input.side(), input.classes());
    this.ready = loader::ready;
    this.next = from;
    TrainingMetrics.here().opened(ready);
  }

  /**
   * Begins to decode for the steps from {@code from} on, for one who keeps what is opened while the
   * training lasts.
   *
   * @param hadoop how to reach the shards
   */
  public static WorkerInput open(TrainingInput input, Step from, Configuration hadoop) {
    return new WorkerInput(input, from, hadoop);
  }

  /**
   * The minibatches of a worker's steps in one task, the network's images and the shares of their
   * classes; each stays as it is until the next one is asked for.
   */
  static Iterator<MultiDataSet> minibatches(
      TrainingInput input, Iterator<Step> steps, Configuration hadoop) {
    return new Minibatches(input, steps, hadoop);
  }

  /** Has the worker's input while the task lasts: nobody else may fill its arrays, or free them. */
  private static final class Minibatches implements Iterator<MultiDataSet> {
    private final TrainingInput input;
    private final Iterator<Step> steps;
    private final Configuration hadoop;
    private WorkerInput own;
    private int worker;

    private Minibatches(TrainingInput input, Iterator<Step> steps, Configuration hadoop) {
      this.input = input;
      this.steps = steps;
      this.hadoop = hadoop;
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> end());
    }

    /** Not before the task is over: Deeplearning4j asks for more before it takes the last step. */
    private void end() {
      if (own != null && steps.hasNext()) { // the task has failed
        own.close();
      } else if (own != null) {
        WAITING.leave(input.run(), worker, own);
      }
    }

    @Override
    public boolean hasNext() {
      return steps.hasNext();
    }

    @Override
    public MultiDataSet next() {
      var step = steps.next();
      if (own == null) {
        worker = step.worker();
        own = at(step);
      }
      try {
        return own.take();
      } catch (RuntimeException e) { // it has passed over a minibatch, and must not wait for others
        own.close();
        own = null;
        throw e;
      }
    }

    private WorkerInput at(Step step) {
      var waiting = WAITING.take(input.run(), step.worker());
      if (waiting.isPresent() && waiting.get().next.equals(step)) {
        return waiting.get();
      }
      waiting.ifPresent(WorkerInput::close);
      return new WorkerInput(input, step, hadoop);
    }
  }

  /** The step whose minibatch is the next one. */
  public Step next() {
    return next;
  }

  /**
   * The next minibatch, which stays as it is until the one after it is asked for.
   *
   * @throws dev.expanse.core.config.InvalidInputException if an image of it cannot be decoded, or
   *     its shard cannot be read
   */
  public MultiDataSet take() {
    var minibatch = arrays.mixed(Batches.next(loader), input.mixing(), input.seed(next));
    next = input.after(next);
    return minibatch;
  }

  /** Closes what waits in this process for a run that is over. */
  public static void close(String run) {
    WAITING.close(run);
  }

  @Override
  public void close() {
    TrainingMetrics.here().closed(ready);
    loader.close();
    arrays.close();
  }
}
