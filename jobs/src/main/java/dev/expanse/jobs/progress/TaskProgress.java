package dev.expanse.jobs.progress;

import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;

/** Tells how many of a Spark job's tasks are done, while it runs. */
public final class TaskProgress {
  private final JavaSparkContext spark;
  private final String what;
  private final Progress progress = new Progress();

  private TaskProgress(JavaSparkContext spark, String what) {
    this.spark = spark;
    this.what = what;
  }

  /**
   * Runs a Spark job and tells of its progress meanwhile.
   *
   * @param what describes the job, for the user and, as the last part of its {@link
   *     JobDescription}, in Spark's own pages
   * @return what {@code job} returns
   */
  public static <T> T during(JavaSparkContext spark, String what, Supplier<T> job) {
    var progress =
        new TaskProgress(spark, JobDescription.joined(JobDescription.current(spark), what));
    var clock = Executors.newSingleThreadScheduledExecutor(TaskProgress::daemon);
    clock.scheduleWithFixedDelay(progress::tell, 1, 1, TimeUnit.SECONDS);
    try {
      return JobDescription.during(spark, what, job);
    } finally {
      clock.shutdownNow();
    }
  }

  private void tell() {
    int done = 0;
    int all = 0;
    for (int stage : spark.statusTracker().getActiveStageIds()) {
      var info = spark.statusTracker().getStageInfo(stage);
      if (info != null) {
        done += info.numCompletedTasks();
        all += info.numTasks();
      }
    }
    if (done > 0) {
      var tasks = done + " of " + all + " tasks";
      progress.at((double) done / all, () -> what + ": " + tasks);
    }
  }

  private static Thread daemon(Runnable work) {
    var thread = new Thread(work, "progress");
    thread.setDaemon(true);
    return thread;
  }
}
