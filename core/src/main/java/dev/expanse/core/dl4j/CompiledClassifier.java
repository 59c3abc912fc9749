package dev.expanse.core.dl4j;

import dev.expanse.core.onednn.CompiledNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Answers queries with a network compiled for one batch size; fewer images are filled up. */
final class CompiledClassifier implements Classifier {
  private final CompiledNetwork network;
  private final INDArray full;
  private final INDArray probabilities;

  CompiledClassifier(CompiledNetwork compiled) {
    network = compiled;
    var image = network.network().input().shape();
    full =
        Nd4j.zeros(
            DataType.FLOAT, network.batch(), image.height(), image.width(), image.channels());
    probabilities = Nd4j.zeros(DataType.FLOAT, network.batch(), network.network().classes());
  }

  @Override
  public INDArray probabilities(INDArray images) {
    int count = QueryImages.count(images, network.network().input().shape(), network.batch());
    if (count == network.batch()) {
      network.run(images, probabilities);
      return probabilities;
    }
    var query = NDArrayIndex.interval(0, count);
    full.get(query).assign(images);
    network.run(full, probabilities);
    return probabilities.get(query);
  }

  @Override
  public void close() {
    network.close();
    full.close();
    probabilities.close();
  }
}
