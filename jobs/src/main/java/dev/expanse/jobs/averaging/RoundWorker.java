package dev.expanse.jobs.averaging;

import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.dl4j.RunningStatistics;
import dev.expanse.jobs.averaging.RoundStart.Pass;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.api.TrainingHook;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** One worker in one round: takes its steps and says what came out. */
final class RoundWorker extends GraphWorker<RoundResult> {
  private static final long serialVersionUID = 1L;

  private final Source start;
  private transient long images;
  private transient double loss;
  private transient RunningStatistics.Sums seen;

  /** Has what the round begins with, where the worker is. */
  @FunctionalInterface
  interface Source extends Serializable {
    RoundStart value();
  }

  RoundWorker(Source start, List<TrainingHook> hooks) {
    super(hooks);
    this.start = start;
  }

  RoundStart start() {
    return start.value();
  }

  /** A new graph, as yet with weights of its own. */
  @Override
  public ComputationGraph getInitialModelGraph() {
    var graph =
        new ComputationGraph(ComputationGraphConfiguration.fromJson(start().configuration()));
    graph.init();
    return graph;
  }

  /** Brings a graph to where the round begins. */
  void begin(ComputationGraph graph) {
    var round = start();
    GraphState.setParameters(graph, round.parameters());
    GraphState.setUpdater(graph, round.updater());
    graph.getConfiguration().setIterationCount(round.iteration());
    graph.getConfiguration().setEpochCount(round.epoch());
    if (round.pass() == Pass.STATISTICS) {
      seen = round.statistics().sums();
    }
  }

  @Override
  public RoundResult processMinibatch(
      MultiDataSet minibatch, ComputationGraph graph, boolean last) {
    int size = Math.toIntExact(minibatch.getFeatures(0).size(0));
    if (start().pass() == Pass.STATISTICS) {
      var fresh = start().parameters().clone();
      start().statistics().forget(fresh);
      GraphState.setParameters(graph, fresh);
    }
    hooks().forEach(hook -> hook.preUpdate(minibatch, graph));
    graph.fit(Dl4jModel.minibatch(graph, minibatch.getFeatures(0), minibatch.getLabels(0)));
    hooks().forEach(hook -> hook.postUpdate(minibatch, graph));
    if (start().pass() == Pass.STATISTICS) {
      seen.add(GraphState.parameters(graph), size);
    }
    images += size;
    loss += size * graph.score();
    return last ? getFinalResult(graph) : null;
  }

  @Override
  public RoundResult getFinalResult(ComputationGraph graph) {
    if (images == 0) {
      return getFinalResultNoData();
    }
    var round = start();
    var parameters = GraphState.parameters(graph);
    if (round.pass() == Pass.STATISTICS) {
      System.arraycopy(round.parameters(), 0, parameters, 0, parameters.length);
      seen.write(parameters);
    }
    if (round.workers() > 1) {
      round.statistics().toMoments(parameters, round.parameters());
    }
    return new RoundResult(images, loss, joined(parameters, sentUpdater(graph)));
  }

  private float[] sentUpdater(ComputationGraph graph) {
    return start().averageUpdater() ? GraphState.updater(graph) : new float[0];
  }

  private static float[] joined(float[] first, float[] second) {
    var joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  @Override
  public RoundResult getFinalResultNoData() {
    return RoundResult.NOTHING;
  }
}
