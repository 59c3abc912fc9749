package dev.expanse.jobs.averaging;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.api.TrainingResult;
import org.deeplearning4j.spark.api.TrainingWorker;
import org.deeplearning4j.spark.api.WorkerConfiguration;
import org.deeplearning4j.spark.api.stats.SparkTrainingStats;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** A worker for graphs only; what Deeplearning4j's interface asks for beside them is refused. */
abstract class GraphWorker<R extends TrainingResult> implements TrainingWorker<R> {
  private static final long serialVersionUID = 1L;

  private final CopyOnWriteArrayList<TrainingHook> hooks;

  GraphWorker(List<TrainingHook> hooks) {
    this.hooks = new CopyOnWriteArrayList<>(hooks);
  }

  final List<TrainingHook> hooks() {
    return hooks;
  }

  @Override
  public final void addHook(TrainingHook hook) {
    hooks.add(hook);
  }

  @Override
  public final void removeHook(TrainingHook hook) {
    hooks.remove(hook);
  }

  @Override
  public final R processMinibatch(DataSet minibatch, ComputationGraph graph, boolean last) {
    return processMinibatch(minibatch.toMultiDataSet(), graph, last);
  }

  @Override
  public final Pair<R, SparkTrainingStats> processMinibatchWithStats(
      DataSet minibatch, ComputationGraph graph, boolean last) {
    return withoutStatistics(processMinibatch(minibatch, graph, last));
  }

  @Override
  public final Pair<R, SparkTrainingStats> processMinibatchWithStats(
      MultiDataSet minibatch, ComputationGraph graph, boolean last) {
    return withoutStatistics(processMinibatch(minibatch, graph, last));
  }

  @Override
  public final Pair<R, SparkTrainingStats> getFinalResultWithStats(ComputationGraph graph) {
    return withoutStatistics(getFinalResult(graph));
  }

  @Override
  public final Pair<R, SparkTrainingStats> getFinalResultNoDataWithStats() {
    return withoutStatistics(getFinalResultNoData());
  }

  private static <T> Pair<T, SparkTrainingStats> withoutStatistics(T result) {
    return Pair.of(result, null);
  }

  @Override
  public final WorkerConfiguration getDataConfiguration() {
    throw new UnsupportedOperationException("Minibatches are made by the RDD, not by the worker");
  }

  @Override
  public final long getInstanceId() {
    return System.identityHashCode(this);
  }

  @Override
  public final MultiLayerNetwork getInitialModel() {
    throw graphsOnly();
  }

  @Override
  public final R processMinibatch(DataSet minibatch, MultiLayerNetwork network, boolean last) {
    throw graphsOnly();
  }

  @Override
  public final Pair<R, SparkTrainingStats> processMinibatchWithStats(
      DataSet minibatch, MultiLayerNetwork network, boolean last) {
    throw graphsOnly();
  }

  @Override
  public final R getFinalResult(MultiLayerNetwork network) {
    throw graphsOnly();
  }

  @Override
  public final Pair<R, SparkTrainingStats> getFinalResultWithStats(MultiLayerNetwork network) {
    throw graphsOnly();
  }

  static UnsupportedOperationException graphsOnly() {
    return new UnsupportedOperationException("Expected a ComputationGraph: use toComputationGraph");
  }
}
