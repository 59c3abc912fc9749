package dev.expanse.core.dl4j;

import dev.expanse.core.network.ConvNormActivation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;

/**
 * A {@link FusedConvolution}, named as its last operation is, for each convolution with batch norm
 * and activation; Deeplearning4j's own layers for what costs next to nothing.
 */
final class OneDnnLayers {
  private final GraphBuilder graph;
  private final StockLayers others;

  OneDnnLayers(GraphBuilder graph) {
    this.graph = graph;
    this.others = new StockLayers(graph);
  }

  void add(Network network) {
    Map<Network.Node, ConvNormActivation> units = ConvNormActivation.in(network);
    Set<Network.Node> fused = new HashSet<>();
    for (var node : network.nodes()) {
      if (units.containsKey(node)) {
        var unit = units.get(node);
        fused.add(unit.norm());
        unit.activation().ifPresent(fused::add);
        add(unit);
      } else if (!fused.contains(node)) {
        node.accept(others);
      }
    }
  }

  private void add(ConvNormActivation unit) {
    var convolution = (Operation.Convolution) unit.convolution().operation();
    var norm = (Operation.BatchNorm) unit.norm().operation();
    var input = unit.convolution().onlyInput();
    var layer =
        FusedConvolution.convolution(input.shape().channels(), convolution.channels())
            .kernel(convolution.kernel())
            .stride(convolution.stride())
            .groups(convolution.groups())
            .activation(unit.function())
            .norm(norm.epsilon(), norm.momentum())
            .inputGradient(!(input.operation() instanceof Operation.Input))
            .build();
    graph.addLayer(unit.output().name(), layer, input.name());
  }
}
