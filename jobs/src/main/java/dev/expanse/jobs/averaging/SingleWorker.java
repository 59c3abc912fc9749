package dev.expanse.jobs.averaging;

import dev.expanse.jobs.averaging.RoundStart.Pass;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.api.TrainingHook;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Rounds of one worker that is averaged with nobody, in the calling thread and without Spark. What
 * they make of a graph is what {@link AveragingMaster} makes of it with one worker, bit for bit:
 * the average of a single worker is that worker, and all else is done here as it is there.
 */
public final class SingleWorker {
  private static final String ALONE = "";

  private final boolean averageUpdater;
  private final OuterOptimizer outer;
  private final TrainingHook hook;
  private boolean warmUp;
  private RoundReport report;

  /**
   * A worker for one training of one network.
   *
   * @param averageUpdater whether a round goes on with the updater's state (momenta) of the one
   *     before; if not, each begins with the graph's own
   * @param outer what is done with what a round has made of the parameters
   * @param hook called around each step
   */
  public SingleWorker(boolean averageUpdater, OuterOptimizer outer, TrainingHook hook) {
    this.averageUpdater = averageUpdater;
    this.outer = outer;
    this.hook = hook;
  }

  /** The last round, as measured. */
  public RoundReport report() {
    return report;
  }

  /** What is done with what a round has made of the parameters, and its state. */
  public OuterOptimizer outer() {
    return outer;
  }

  /** Whether the rounds that follow leave the outer optimizer out. */
  public void warmUp(boolean warmingUp) {
    warmUp = warmingUp;
  }

  /** Makes a round of one step on each minibatch, of which there is at least one. */
  public void round(ComputationGraph graph, Iterator<MultiDataSet> minibatches) {
    var start = start(graph, Pass.TRAIN);
    var result = pass(graph, minibatches, start);
    var parameters = Arrays.copyOf(result.values(), start.parameters().length);
    if (!warmUp) {
      parameters = outer.step(start.parameters(), parameters, start.statistics());
    }
    GraphState.setParameters(graph, parameters);
    if (!averageUpdater) {
      GraphState.setUpdater(graph, start.updater());
    }
  }

  /**
   * Leaves the weights as they are, and makes the batch norms' statistics those of all minibatches
   * under these weights.
   */
  public void recomputeStatistics(ComputationGraph graph, Iterator<MultiDataSet> minibatches) {
    var start = start(graph, Pass.STATISTICS);
    var result = pass(graph, minibatches, start);
    GraphState.setParameters(graph, result.values());
    GraphState.setUpdater(graph, start.updater());
    graph.getConfiguration().setIterationCount(start.iteration());
  }

  private RoundStart start(ComputationGraph graph, Pass pass) {
    return RoundStart.of(ALONE, 1, ALONE, graph, averageUpdater, pass);
  }

  private RoundResult pass(
      ComputationGraph graph, Iterator<MultiDataSet> minibatches, RoundStart start) {
    var worker = new RoundWorker(() -> start, List.of(hook));
    worker.begin(graph);
    long began = System.nanoTime();
    long compute = 0;
    long input = 0;
    int steps = 0;
    while (minibatches.hasNext()) {
      long waiting = System.nanoTime();
      var minibatch = minibatches.next();
      long stepping = System.nanoTime();
      worker.processMinibatch(minibatch, graph, false);
      input += stepping - waiting;
      compute += System.nanoTime() - stepping;
      steps++;
    }
    var result = worker.getFinalResult(graph);
    var alone =
        new WorkerReport(
            0, steps, result.images(), result.loss(), compute / 1e9, input / 1e9, ALONE);
    report = RoundReport.of(List.of(alone), (System.nanoTime() - began) / 1e9, 0);
    return result;
  }
}
