package dev.expanse.core.dl4j;

import dev.expanse.core.network.Network;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/** Whose layers a network is trained on. To add a kit is to add a constant. */
public enum LayerKit {
  /** Deeplearning4j's own layers. */
  STOCK {
    @Override
    void addLayers(Network network, GraphBuilder graph) {
      new StockLayers(graph).add(network);
    }
  };

  /**
   * Adds every operation but the image, which is an input of the graph already; feature maps are
   * {@code [N, H, W, C]}. The output layer has a softmax with cross entropy.
   */
  abstract void addLayers(Network network, GraphBuilder graph);
}
