package dev.expanse.core.dl4j;

import dev.expanse.core.onednn.CompiledNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Answers queries with a network compiled for one batch size; fewer images are filled up. */
final class CompiledClassifier implements Classifier {
  private final CompiledNetwork network;

  CompiledClassifier(CompiledNetwork network) {
    this.network = network;
  }

  @Override
  public INDArray probabilities(INDArray images) {
    long count = images.size(0);
    if (count >= network.batch()) { // more are refused there
      return network.probabilities(images);
    }
    var shape = images.shape().clone();
    shape[0] = network.batch();
    var query = NDArrayIndex.interval(0, count);
    try (var full = Nd4j.zeros(DataType.FLOAT, shape)) {
      full.get(query).assign(images);
      try (var probabilities = network.probabilities(full)) {
        return probabilities.get(query).dup();
      }
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
