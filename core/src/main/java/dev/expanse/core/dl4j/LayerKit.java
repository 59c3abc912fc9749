package dev.expanse.core.dl4j;

import dev.expanse.core.network.Network;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.nd4j.linalg.api.buffer.DataType;

/** Whose layers a network is trained on. To add a kit is to add a constant. */
public enum LayerKit {
  /** Deeplearning4j's own layers. */
  STOCK {
    @Override
    void addLayers(Network network, GraphBuilder graph) {
      new StockLayers(graph).add(network);
    }
  },
  /** Layers of our own on oneDNN for what takes the time, Deeplearning4j's for the rest. */
  ONEDNN {
    @Override
    void addLayers(Network network, GraphBuilder graph) {
      new OneDnnLayers(graph).add(network);
    }

    @Override
    void checkPrecision(DataType precision) {
      if (precision != DataType.FLOAT) {
        throw new IllegalArgumentException(
            "Cannot train in " + precision + " on oneDNN: expected FLOAT");
      }
    }
  };

  /**
   * Adds every operation but the image, which is an input of the graph already; feature maps are
   * {@code [N, H, W, C]}. The output layer has a softmax with cross entropy.
   */
  abstract void addLayers(Network network, GraphBuilder graph);

  /**
   * @throws IllegalArgumentException if the layers do not compute in that precision
   */
  void checkPrecision(DataType precision) {}
}
