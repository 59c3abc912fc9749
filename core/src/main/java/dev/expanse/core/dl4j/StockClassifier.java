package dev.expanse.core.dl4j;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Shape;
import dev.expanse.core.network.Weights;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.NoOp;

/** Answers queries on Deeplearning4j's own layers. */
final class StockClassifier implements Classifier {
  private final Shape image;
  private final int batch;
  private final ComputationGraph graph;

  StockClassifier(Network network, Weights weights, int batch, int threads) {
    this.image = network.input().shape();
    this.batch = batch;
    NativeThreads.use(threads);
    var untrained = new Dl4jModel.Training(new NoOp(), 0, 1, DataType.FLOAT);
    var needed = network.inference();
    graph = Dl4jModel.create(needed, Engine.STOCK, untrained);
    Dl4jModel.setWeights(needed, graph, weights);
  }

  @Override
  public INDArray probabilities(INDArray images) {
    QueryImages.count(images, image, batch);
    return graph.output(images)[0];
  }

  @Override
  public void close() {
    Dl4jModel.close(graph);
  }
}
