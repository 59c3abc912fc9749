package dev.expanse.jobs.averaging;

import dev.expanse.jobs.averaging.Slices.Part;
import dev.expanse.jobs.compute.MemoryShortageException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.scheduler.ExecutorCacheTaskLocation;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import scala.Tuple2;

/**
 * A Spark task that is a worker for one round: it takes its steps and cuts what has come out into
 * slices.
 */
record WorkerTask(RoundWorker worker, Slices slices) implements Serializable {

  /** Each slice's number, with this worker's share of it. */
  Iterator<Tuple2<Integer, Part>> run(int index, Iterator<MultiDataSet> minibatches) {
    return MemoryShortageException.during(() -> parts(index, minibatches));
  }

  private Iterator<Tuple2<Integer, Part>> parts(int index, Iterator<MultiDataSet> minibatches) {
    var clock = new Clock();
    // a replica is not worth its memory for a worker without minibatches
    var result =
        minibatches.hasNext() ? train(index, minibatches, clock) : worker.getFinalResultNoData();
    var report =
        new WorkerReport(
            index,
            clock.steps,
            result.images(),
            result.loss(),
            clock.compute / 1e9,
            clock.input / 1e9,
            location());
    var parts = slices.cut(report, result.values());
    return IntStream.range(0, parts.size())
        .mapToObj(slice -> new Tuple2<>(slice, parts.get(slice)))
        .iterator();
  }

  /** Where a worker's time goes, in nanoseconds. */
  private static final class Clock {
    private int steps;
    private long input;
    private long compute;
  }

  private RoundResult train(int index, Iterator<MultiDataSet> minibatches, Clock clock) {
    long began = System.nanoTime();
    var replica = Replica.take(worker, index);
    try {
      while (minibatches.hasNext()) {
        long waiting = System.nanoTime();
        clock.compute += waiting - began;
        var minibatch = minibatches.next();
        began = System.nanoTime();
        clock.input += began - waiting;
        replica.step(minibatch);
        clock.steps++;
      }
      clock.compute += System.nanoTime() - began;
      var result = replica.result();
      replica.leave(index);
      return result;
    } catch (RuntimeException | Error e) {
      replica.close();
      throw e;
    }
  }

  private static String location() {
    var manager = SparkEnv.get().blockManager().blockManagerId();
    return new ExecutorCacheTaskLocation(manager.host(), manager.executorId()).toString();
  }
}
