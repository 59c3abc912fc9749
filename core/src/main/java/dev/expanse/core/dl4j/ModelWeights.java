package dev.expanse.core.dl4j;

import static dev.expanse.core.network.Weights.Parameter.BETA;
import static dev.expanse.core.network.Weights.Parameter.BIAS;
import static dev.expanse.core.network.Weights.Parameter.GAMMA;
import static dev.expanse.core.network.Weights.Parameter.MEAN;
import static dev.expanse.core.network.Weights.Parameter.VARIANCE;
import static dev.expanse.core.network.Weights.Parameter.WEIGHT;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Weights;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Where a graph of either engine has a network's weights, to read and to write. */
final class ModelWeights {
  /** Deeplearning4j's batch norm keeps log10 of the deviation instead of the variance. */
  private static final String LOG_DEVIATION = "log10stdev";

  private static final Map<Weights.Parameter, String> NAMES =
      Map.of(WEIGHT, "W", BIAS, "b", GAMMA, "gamma", BETA, "beta", MEAN, "mean", VARIANCE, "var");

  private final Network network;
  private final Map<Network.Node, Layer> layers = new HashMap<>();

  ModelWeights(Network network, ComputationGraph graph) {
    this.network = network;
    var readers = network.readers();
    for (var node : network.nodes()) {
      if (!Weights.sizes(node).isEmpty()) {
        layers.put(node, layer(graph, readers, node));
      }
    }
  }

  /** The layer that computes a node: one of ours is named as the last that it computes. */
  private static Layer layer(
      ComputationGraph graph, Map<Network.Node, List<Network.Node>> readers, Network.Node node) {
    var last = node;
    while (graph.getVertex(last.name()) == null) {
      if (!readers.containsKey(last)) {
        throw new IllegalArgumentException("Cannot find " + node + " in the graph");
      }
      last = readers.get(last).get(0);
    }
    return graph.getLayer(last.name());
  }

  Weights read() {
    var weights = Weights.of(network);
    for (var node : network.nodes()) {
      for (var parameter : Weights.sizes(node).keySet()) {
        weights.put(node, parameter, values(node, parameter));
      }
    }
    return weights.build();
  }

  void write(Weights weights) {
    for (var node : network.nodes()) {
      for (var parameter : Weights.sizes(node).keySet()) {
        set(node, parameter, weights.get(node, parameter));
      }
    }
  }

  private float[] values(Network.Node node, Weights.Parameter parameter) {
    if (parameter == VARIANCE && !isOurs(node)) {
      var logs = floats(array(node, LOG_DEVIATION));
      for (int i = 0; i < logs.length; i++) {
        logs[i] = (float) LogDeviation.variance(logs[i]);
      }
      return logs;
    }
    return floats(rowMajor(node, parameter));
  }

  /** The values of an array in row-major order. */
  private static float[] floats(INDArray array) {
    try (var copy = array.dup('c')) {
      return copy.data().asFloat();
    }
  }

  private void set(Network.Node node, Weights.Parameter parameter, float[] values) {
    if (parameter == VARIANCE && !isOurs(node)) {
      var logs = new float[values.length];
      for (int i = 0; i < logs.length; i++) {
        logs[i] = LogDeviation.of(values[i]);
      }
      assign(array(node, LOG_DEVIATION), logs);
      return;
    }
    assign(rowMajor(node, parameter), values);
  }

  private static void assign(INDArray array, float[] values) {
    try (var copy = Nd4j.createFromArray(values)) {
      array.assign(copy.reshape('c', array.shape()));
    }
  }

  /** A view whose indices are in the order that {@link Weights.Parameter} says. */
  private INDArray rowMajor(Network.Node node, Weights.Parameter parameter) {
    if (parameter == WEIGHT && node.operation() instanceof Operation.Dense) {
      return array(node, "W").transpose();
    }
    if (parameter == WEIGHT && isStockDepthwise(node)) {
      return array(node, "W").permute(2, 3, 0, 1);
    }
    return array(node, NAMES.get(parameter));
  }

  private boolean isOurs(Network.Node node) {
    return layers.get(node).conf().getLayer() instanceof OneDnnLayer;
  }

  private boolean isStockDepthwise(Network.Node node) {
    return layers.get(node).conf().getLayer() instanceof DepthwiseConvolution2D;
  }

  private INDArray array(Network.Node node, String parameter) {
    return layers.get(node).getParam(parameter);
  }
}
