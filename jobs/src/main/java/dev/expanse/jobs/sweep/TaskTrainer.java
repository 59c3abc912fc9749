package dev.expanse.jobs.sweep;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.progress.JobDescription;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains many configurations at once, each in a Spark job of one task. What a task has found is
 * told before its core gets another one, so that it can be kept at once.
 */
final class TaskTrainer {
  private static final Logger LOG = LoggerFactory.getLogger(TaskTrainer.class);

  private final JavaSparkContext spark;
  private final int slots;

  /** Is told of an outcome, one at a time, from several threads. */
  @FunctionalInterface
  interface Watcher {
    void finished(Configuration configuration, Outcome outcome);
  }

  /** A configuration and what is done with it. */
  record Assignment(Configuration configuration, TrainingTask task) {}

  /**
   * A trainer.
   *
   * @param slots how many configurations train at once
   */
  TaskTrainer(JavaSparkContext spark, int slots) {
    this.spark = spark;
    this.slots = slots;
  }

  /**
   * Trains all. Those that find too little memory beside others are tried once more, alone.
   *
   * @throws InvalidInputException if the user's data or settings are at fault; what runs is ended
   */
  void train(List<Assignment> assignments, Watcher watcher) {
    var again = new ArrayList<Assignment>();
    run(
        assignments,
        slots,
        (assignment, outcome) -> {
          if (outcome.outOfMemory() && slots > 1) {
            LOG.info("{}: too little memory beside others", assignment.task().name());
            again.add(assignment);
          } else {
            watcher.finished(assignment.configuration(), outcome);
          }
        });
    run(again, 1, (assignment, outcome) -> watcher.finished(assignment.configuration(), outcome));
  }

  private interface Told {
    void of(Assignment assignment, Outcome outcome);
  }

  private void run(List<Assignment> assignments, int atOnce, Told told) {
    if (assignments.isEmpty()) {
      return;
    }
    var group = "sweep " + UUID.randomUUID();
    var outer = JobDescription.current(spark);
    var hadoop = spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    var pool = Executors.newFixedThreadPool(atOnce, TaskTrainer::daemon);
    var done = new ExecutorCompletionService<Void>(pool);
    var keeping = new Keeping(told);
    try {
      for (var assignment : assignments) {
        done.submit(
            () -> {
              keeping.of(assignment, attempt(assignment.task(), group, outer, hadoop));
              return null;
            });
      }
      for (int i = 0; i < assignments.size(); i++) {
        done.take().get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("The sweep was interrupted", e);
    } finally {
      keeping.end();
      pool.shutdownNow();
      spark.cancelJobGroup(group);
      hadoop.destroy();
    }
  }

  /** Tells of one outcome at a time, and of none that came about because the sweep has ended. */
  private static final class Keeping {
    private final Told told;
    private boolean ended;

    private Keeping(Told told) {
      this.told = told;
    }

    private synchronized void of(Assignment assignment, Outcome outcome) {
      if (!ended) {
        told.of(assignment, outcome);
      }
    }

    private synchronized void end() {
      ended = true;
    }
  }

  private static Thread daemon(Runnable work) {
    var thread = new Thread(work, "sweep");
    thread.setDaemon(true);
    return thread;
  }

  private Outcome attempt(
      TrainingTask task, String group, String outer, Broadcast<SerializableConfiguration> hadoop) {
    var start = Instant.now();
    spark.setJobGroup(group, JobDescription.joined(outer, task.description()), true);
    try {
      return spark
          .parallelize(List.of(task), 1)
          .map(one -> one.run(hadoop.value().value()))
          .first();
    } catch (Exception e) { // Spark has tried it as often as it tries a task
      LOG.debug("{} failed", task.name(), e);
      Failure.requireRunning(spark, e);
      double seconds = Duration.between(start, Instant.now()).toMillis() / 1e3;
      return Outcome.failed(List.of(), start, seconds, e);
    }
  }
}
