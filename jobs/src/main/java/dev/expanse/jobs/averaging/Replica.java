package dev.expanse.jobs.averaging;

import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.jobs.compute.BetweenRounds;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskContextHelper;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * A worker's copy of the network in an executor's process, with a thread of its own. Between rounds
 * it waits there with its buffers and compiled primitives, for to make them anew takes longer than
 * many a step.
 */
final class Replica implements AutoCloseable {
  private static final BetweenRounds<Replica> WAITING = new BetweenRounds<>(Replica::close);

  private final String training;
  private final ExecutorService thread;
  private final ComputationGraph graph;
  private RoundWorker worker;

  private Replica(RoundWorker worker, int index) {
    training = worker.start().training();
    thread = Executors.newSingleThreadExecutor(work -> daemon(work, index));
    graph = call(worker::getInitialModelGraph);
  }

  private static Thread daemon(Runnable work, int index) {
    var thread = new Thread(work, "worker " + index);
    thread.setDaemon(true);
    return thread;
  }

  /** One at the beginning of a worker's round, which nobody else has. */
  static Replica take(RoundWorker worker, int index) {
    var replica =
        WAITING.take(worker.start().training(), index).orElseGet(() -> new Replica(worker, index));
    try {
      replica.begin(worker, TaskContext.get());
      return replica;
    } catch (RuntimeException e) {
      replica.close();
      throw e;
    }
  }

  private void begin(RoundWorker next, TaskContext task) {
    worker = next;
    call(
        () -> {
          TaskContextHelper.setTaskContext(task); // for hooks, which ask whose step it is
          next.begin(graph);
          return null;
        });
  }

  /** Takes a step. */
  void step(MultiDataSet minibatch) {
    call(() -> worker.processMinibatch(minibatch, graph, false));
  }

  /** What has come out of the round. */
  RoundResult result() {
    return call(() -> worker.getFinalResult(graph));
  }

  /** Ends the round: the replica waits for the worker's next one. */
  void leave(int index) {
    worker = null; // for the garbage collector: it holds the round's parameters
    WAITING.leave(training, index, this);
  }

  /** Closes what waits in this process for a training that is over. */
  static void close(String training) {
    WAITING.close(training);
  }

  /** Frees the network. */
  @Override
  public void close() {
    thread.execute(() -> Dl4jModel.close(graph)); // its workspaces are that thread's
    thread.shutdown();
  }

  /** Does not return before the work is done: the arrays that it reads are the task's. */
  private <T> T call(Callable<T> work) {
    boolean interrupted = false; // Spark ends the task
    try {
      var result = thread.submit(work);
      while (true) {
        try {
          return result.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
