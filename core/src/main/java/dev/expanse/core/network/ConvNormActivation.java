package dev.expanse.core.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A convolution, the batch norm that alone reads it and, where there is one, the activation that
 * alone reads the norm: what engines compute as one unit.
 *
 * @param convolution the convolution's node
 * @param norm the batch norm's node
 * @param activation the activation's node, if any
 */
public record ConvNormActivation(
    Network.Node convolution, Network.Node norm, Optional<Network.Node> activation) {

  /** All of a network, by the node of their convolution, in its order. */
  public static Map<Network.Node, ConvNormActivation> in(Network network) {
    var units = new LinkedHashMap<Network.Node, ConvNormActivation>();
    for (var node : network.nodes()) {
      if (node.operation() instanceof Operation.Convolution) {
        onlyReader(network, node)
            .filter(reader -> reader.operation() instanceof Operation.BatchNorm)
            .ifPresent(norm -> units.put(node, of(network, node, norm)));
      }
    }
    return units;
  }

  private static ConvNormActivation of(
      Network network, Network.Node convolution, Network.Node norm) {
    return new ConvNormActivation(
        convolution,
        norm,
        onlyReader(network, norm)
            .filter(reader -> reader.operation() instanceof Operation.Activation));
  }

  private static Optional<Network.Node> onlyReader(Network network, Network.Node node) {
    List<Network.Node> readers =
        network.nodes().stream().filter(reader -> reader.inputs().contains(node)).toList();
    return readers.size() == 1 ? Optional.of(readers.get(0)) : Optional.empty();
  }

  /** The node whose output is the unit's. */
  public Network.Node output() {
    return activation.orElse(norm);
  }

  /** The activation's function, if any. */
  public Optional<Operation.Activation.Function> function() {
    return activation.map(node -> ((Operation.Activation) node.operation()).function());
  }
}
