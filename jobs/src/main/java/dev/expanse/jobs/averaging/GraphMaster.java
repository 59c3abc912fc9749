package dev.expanse.jobs.averaging;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.core.loader.DataSetLoader;
import org.deeplearning4j.core.loader.MultiDataSetLoader;
import org.deeplearning4j.core.storage.StatsStorageRouter;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.api.TrainingMaster;
import org.deeplearning4j.spark.api.TrainingResult;
import org.deeplearning4j.spark.api.TrainingWorker;
import org.deeplearning4j.spark.api.stats.SparkTrainingStats;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.nd4j.linalg.dataset.DataSet;

/**
 * A master for graphs whose minibatches come as an RDD; what Deeplearning4j's interface asks for
 * beside them is refused. Hooks run around each step of each worker.
 */
abstract class GraphMaster<R extends TrainingResult, W extends TrainingWorker<R>>
    implements TrainingMaster<R, W> {
  private final CopyOnWriteArrayList<TrainingHook> hooks = new CopyOnWriteArrayList<>();

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
  public final void executeTraining(SparkComputationGraph network, JavaRDD<DataSet> minibatches) {
    executeTrainingMDS(network, minibatches.map(DataSet::toMultiDataSet));
  }

  @Override
  public final void executeTraining(SparkDl4jMultiLayer network, JavaRDD<DataSet> minibatches) {
    throw GraphWorker.graphsOnly();
  }

  @Override
  public final void executeTrainingPaths(
      SparkDl4jMultiLayer network,
      SparkComputationGraph graph,
      JavaRDD<String> paths,
      DataSetLoader loader,
      MultiDataSetLoader multiLoader) {
    throw new UnsupportedOperationException("Expected minibatches: map the paths to them");
  }

  @Override
  public final W getWorkerInstance(SparkDl4jMultiLayer network) {
    throw GraphWorker.graphsOnly();
  }

  @Override
  public final void setListeners(Collection<TrainingListener> listeners) {
    setListeners(null, listeners);
  }

  @Override
  public final void setListeners(
      StatsStorageRouter storage, Collection<TrainingListener> listeners) {
    if (listeners != null && !listeners.isEmpty()) {
      throw new UnsupportedOperationException("Listeners of workers: a hook can set them");
    }
  }

  @Override
  public final void setCollectTrainingStats(boolean collect) {
    if (collect) {
      throw new UnsupportedOperationException("Times of a round are in its RoundReport");
    }
  }

  @Override
  public final boolean getIsCollectTrainingStats() {
    return false;
  }

  @Override
  public final SparkTrainingStats getTrainingStats() {
    return null;
  }

  @Override
  public final String toJson() {
    throw new UnsupportedOperationException("A master is made from a recipe, not from JSON");
  }

  @Override
  public final String toYaml() {
    return toJson();
  }

  @Override
  public final boolean deleteTempFiles(JavaSparkContext spark) {
    return true; // there are none
  }

  @Override
  public final boolean deleteTempFiles(SparkContext spark) {
    return true;
  }
}
