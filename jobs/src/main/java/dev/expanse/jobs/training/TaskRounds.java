package dev.expanse.jobs.training;

import dev.expanse.jobs.averaging.OuterOptimizer;
import dev.expanse.jobs.averaging.RoundReport;
import dev.expanse.jobs.averaging.SingleWorker;
import dev.expanse.jobs.input.TrainingInput;
import dev.expanse.jobs.input.TrainingInput.Step;
import dev.expanse.jobs.input.WorkerInput;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** The rounds of one worker that nobody is averaged with, all in the calling thread. */
final class TaskRounds implements Rounds {
  private final TrainingInput input;
  private final Configuration hadoop;
  private final WorkerSetup setup;
  private final SingleWorker worker;
  private final ComputationGraph graph;
  private WorkerInput minibatches;

  /**
   * Rounds of a training.
   *
   * @param hadoop how to reach the shards
   */
  TaskRounds(TrainingPlan plan, Configuration hadoop) {
    this.input = plan.input();
    this.hadoop = hadoop;
    this.setup =
        new WorkerSetup(
            plan.compute(), plan.seed(), plan.recipe().regularization().gradientClipping());
    var averaging = plan.recipe().averaging();
    this.worker =
        new SingleWorker(averaging.averageUpdater(), new OuterOptimizer(averaging.outer()), setup);
    this.graph = plan.freshGraph();
  }

  @Override
  public ComputationGraph graph() {
    return graph;
  }

  @Override
  public Optional<OuterOptimizer> outer() {
    return Optional.of(worker.outer());
  }

  @Override
  public double make(RoundPlan.Span round, long stepsAfter) {
    long before = stepsAfter - (round.end() - round.first());
    goOn(round.epoch() - 1, before);
    setup.beginRound(Math.toIntExact(before));
    worker.warmUp(round.warmUp());
    worker.round(graph, steps(round.epoch(), round.first(), round.end()));
    goOn(round.epoch(), stepsAfter);
    return worker.report().loss();
  }

  @Override
  public Optional<RoundReport> report() {
    return Optional.of(worker.report());
  }

  @Override
  public void recomputeStatistics(long images) {
    var plan = input.plan();
    int steps = (int) Math.min(plan.steps(), Math.max(1, images / plan.batch()));
    setup.beginStatistics();
    worker.recomputeStatistics(graph, steps(input.epochs(), 0, steps));
  }

  private Iterator<MultiDataSet> steps(int epoch, int first, int end) {
    return IntStream.range(first, end).mapToObj(step -> next(new Step(0, epoch, step))).iterator();
  }

  private MultiDataSet next(Step step) {
    if (minibatches == null || !minibatches.next().equals(step)) {
      close();
      minibatches = WorkerInput.open(input, step, hadoop);
    }
    return minibatches.take();
  }

  @Override
  public void close() {
    if (minibatches != null) {
      minibatches.close();
      minibatches = null;
    }
  }
}
