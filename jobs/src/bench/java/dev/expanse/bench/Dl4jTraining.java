package dev.expanse.bench;

import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.dl4j.Engine;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;

/** Deeplearning4j's {@code fit} on one minibatch that is in memory, on either engine's layers. */
final class Dl4jTraining implements AutoCloseable {
  private final ComputationGraph graph;
  private final MultiDataSet minibatch;

  Dl4jTraining(EngineWorkload workload, Engine engine) {
    graph = graph(workload, engine);
    var labels = Nd4j.zeros(workload.batch(), EngineWorkload.CLASSES);
    for (int i = 0; i < workload.batch(); i++) {
      labels.putScalar(i, EngineWorkload.label(i), 1);
    }
    minibatch = Dl4jModel.minibatch(graph, images(workload, workload.batch()), labels);
  }

  static ComputationGraph graph(EngineWorkload workload, Engine engine) {
    var updater = new Nesterovs(EngineWorkload.LEARNING_RATE, EngineWorkload.MOMENTUM);
    var training = new Dl4jModel.Training(updater, 0, 1, DataType.FLOAT);
    return Dl4jModel.create(workload.network(), engine, training);
  }

  static INDArray images(EngineWorkload workload, int batch) {
    return Nd4j.rand(DataType.FLOAT, batch, workload.side(), workload.side(), 3);
  }

  ComputationGraph graph() {
    return graph;
  }

  void step() {
    graph.fit(minibatch);
  }

  @Override
  public void close() {
    graph.close();
  }
}
