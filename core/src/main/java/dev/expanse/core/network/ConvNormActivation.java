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
    var readers = network.readers();
    for (var node : network.nodes()) {
      if (node.operation() instanceof Operation.Convolution) {
        onlyReader(readers, node)
            .filter(reader -> reader.operation() instanceof Operation.BatchNorm)
            .ifPresent(norm -> units.put(node, of(readers, node, norm)));
      }
    }
    return units;
  }

  private static ConvNormActivation of(
      Map<Network.Node, List<Network.Node>> readers, Network.Node convolution, Network.Node norm) {
    return new ConvNormActivation(
        convolution,
        norm,
        onlyReader(readers, norm)
            .filter(reader -> reader.operation() instanceof Operation.Activation));
  }

  private static Optional<Network.Node> onlyReader(
      Map<Network.Node, List<Network.Node>> readers, Network.Node node) {
    var found = readers.getOrDefault(node, List.of());
    return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
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
