package dev.expanse.bench;

import java.util.Collections;
import java.util.TreeMap;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerBlockUpdated;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Counts what Spark moves and how long its jobs and stages take, since the last reset. */
final class SparkTraffic extends SparkListener {
  private final TreeMap<Integer, Long> stages = new TreeMap<>();
  private long jobStarted;
  private long jobMillis;
  private long bytesOut;
  private long bytesAcross;
  private long bytesBack;

  synchronized void reset() {
    stages.clear();
    jobMillis = 0;
    bytesOut = 0;
    bytesAcross = 0;
    bytesBack = 0;
  }

  /** All of it, with what was measured elsewhere. */
  synchronized AveragedRound round(double seconds, StepClock clock) {
    var secondsOfWorkers = clock.secondsOfWorkers();
    var cpu = clock.cpuSecondsOfWorkers();
    if (secondsOfWorkers.size() != AveragingWorkload.WORKERS) {
      throw new IllegalStateException(secondsOfWorkers.size() + " workers have taken steps");
    }
    long first = stages.firstEntry().getValue();
    long all = stages.values().stream().mapToLong(millis -> millis).sum();
    return new AveragedRound(
        seconds,
        Collections.max(secondsOfWorkers),
        Collections.min(secondsOfWorkers),
        cpu.get(0),
        cpu.get(1),
        jobMillis / 1e3,
        first / 1e3,
        (all - first) / 1e3,
        bytesOut,
        bytesAcross,
        bytesBack);
  }

  @Override
  public synchronized void onJobStart(SparkListenerJobStart job) {
    jobStarted = job.time();
  }

  @Override
  public synchronized void onJobEnd(SparkListenerJobEnd job) {
    jobMillis += job.time() - jobStarted;
  }

  @Override
  public synchronized void onStageCompleted(SparkListenerStageCompleted completed) {
    var stage = completed.stageInfo();
    long began = (long) stage.submissionTime().get();
    stages.put(stage.stageId(), (long) stage.completionTime().get() - began);
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
    bytesAcross += task.taskMetrics().shuffleWriteMetrics().bytesWritten();
    bytesBack += task.taskMetrics().resultSize();
  }

  /** Executors say which pieces of a broadcast they have. */
  @Override
  public synchronized void onBlockUpdated(SparkListenerBlockUpdated updated) {
    var block = updated.blockUpdatedInfo();
    if (block.blockId().isBroadcast()
        && block.storageLevel().isValid()
        && !block.blockManagerId().isDriver()) {
      bytesOut += block.memSize() + block.diskSize();
    }
  }
}
