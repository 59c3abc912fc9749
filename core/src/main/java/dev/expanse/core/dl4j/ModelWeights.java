package dev.expanse.core.dl4j;

import static dev.expanse.core.network.Weights.Parameter.BETA;
import static dev.expanse.core.network.Weights.Parameter.BIAS;
import static dev.expanse.core.network.Weights.Parameter.GAMMA;
import static dev.expanse.core.network.Weights.Parameter.MEAN;
import static dev.expanse.core.network.Weights.Parameter.VARIANCE;
import static dev.expanse.core.network.Weights.Parameter.WEIGHT;

import dev.expanse.core.network.ConvNormActivation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Weights;
import java.util.HashMap;
import java.util.Map;
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
  private final ComputationGraph graph;
  private final Map<Network.Node, String> fused = new HashMap<>();

  ModelWeights(Network network, ComputationGraph graph) {
    this.network = network;
    this.graph = graph;
    for (var unit : ConvNormActivation.in(network).values()) {
      var name = unit.output().name();
      if (graph.getLayer(name) instanceof FusedConvolutionLayer) {
        fused.put(unit.convolution(), name);
        fused.put(unit.norm(), name);
      }
    }
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
    if (parameter == VARIANCE && !fused.containsKey(node)) {
      var logs = array(node, LOG_DEVIATION).dup().data().asFloat();
      for (int i = 0; i < logs.length; i++) {
        logs[i] = (float) Math.pow(10, 2.0 * logs[i]);
      }
      return logs;
    }
    return rowMajor(node, parameter).dup('c').data().asFloat();
  }

  private void set(Network.Node node, Weights.Parameter parameter, float[] values) {
    if (parameter == VARIANCE && !fused.containsKey(node)) {
      var logs = new float[values.length];
      for (int i = 0; i < logs.length; i++) {
        // a channel that never varied: the logarithm of 0 would be lost in averages
        logs[i] = (float) (Math.log10(Math.max(values[i], Float.MIN_NORMAL)) / 2);
      }
      array(node, LOG_DEVIATION).assign(Nd4j.createFromArray(logs).reshape(1, logs.length));
      return;
    }
    var target = rowMajor(node, parameter);
    target.assign(Nd4j.createFromArray(values).reshape('c', target.shape()));
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

  private boolean isStockDepthwise(Network.Node node) {
    return !fused.containsKey(node)
        && graph.getLayer(node.name()).conf().getLayer() instanceof DepthwiseConvolution2D;
  }

  private INDArray array(Network.Node node, String parameter) {
    return graph.getLayer(fused.getOrDefault(node, node.name())).getParam(parameter);
  }
}
