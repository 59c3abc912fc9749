package dev.expanse.core.complexity;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How many values of one image's feature maps a training step holds at one time. What goes forward
 * is kept until it has gone back: outputs, what is between a convolution and its norm, and where
 * maxima were. On the way back, Deeplearning4j puts the gradients that an operation has made into
 * one workspace, which it has again for another operation once all of them have been read, and
 * which stays as large as it ever was.
 *
 * @param kept values from forward to backward
 * @param gradients values of all workspaces of gradients
 * @param largest values of the largest output of a convolution
 */
public record TrainingMaps(long kept, long gradients, long largest) {

  /** Counts those of a network in training, its auxiliary classifiers among them. */
  public static TrainingMaps of(Network network) {
    long kept = 0;
    long largest = 0;
    for (var node : network.nodes()) {
      boolean convolution = node.operation() instanceof Operation.Convolution;
      long size = node.shape().size();
      kept += node.equals(network.input()) || isFused(network, node) ? 0 : size;
      kept += node.operation() instanceof Operation.MaxPool ? size : 0;
      largest = convolution ? Math.max(largest, size) : largest;
    }
    return new TrainingMaps(kept, new Backward(network).values(), largest);
  }

  /** Whether a node's output takes the place of its input, which nobody else reads. */
  private static boolean isFused(Network network, Network.Node node) {
    return node.operation() instanceof Operation.Activation
        && network.readers(node.onlyInput()) == 1
        && (node.onlyInput().operation() instanceof Operation.Convolution
            || node.onlyInput().operation() instanceof Operation.BatchNorm
            || node.onlyInput().operation() instanceof Operation.Add);
  }

  /** The way back, operation by operation. */
  private static final class Backward {
    private final Network network;
    private final Map<Network.Node, Workspace> workspaces = new HashMap<>();
    private final Deque<Workspace> free = new ArrayDeque<>();
    private long values;

    /** Gradients of an operation's inputs, until the last of them has been read. */
    private static final class Workspace {
      private final Set<Network.Node> waiting = new HashSet<>();
      private long size;
    }

    Backward(Network network) {
      this.network = network;
    }

    long values() {
      var nodes = network.nodes();
      for (int i = nodes.size() - 1; i > 0; i--) {
        var node = nodes.get(i);
        if (!inPlace(node)) {
          make(node);
          read(node);
        }
      }
      return values;
    }

    /** An activation or norm goes back together with what it follows. */
    private boolean inPlace(Network.Node node) {
      return isFused(network, node)
          || node.operation() instanceof Operation.BatchNorm
              && node.onlyInput().operation() instanceof Operation.Convolution convolution
              && !convolution.bias()
              && network.readers(node.onlyInput()) == 1;
    }

    private void make(Network.Node node) {
      var inputs = node.inputs().stream().map(this::whole).toList();
      var workspace = free.isEmpty() ? new Workspace() : free.pop();
      long size = 0;
      for (var input : inputs) {
        if (!input.equals(network.input())) {
          size += input.shape().size();
          workspace.waiting.add(input);
        }
      }
      values += Math.max(0, size - workspace.size);
      workspace.size = Math.max(workspace.size, size);
      if (workspace.waiting.isEmpty()) {
        free.push(workspace);
      } else {
        workspaces.put(node, workspace);
      }
    }

    /** The node with which an input goes back: the first one of a layer that ends in it. */
    private Network.Node whole(Network.Node input) {
      var first = input;
      while (inPlace(first)) {
        first = first.onlyInput();
      }
      return first;
    }

    private void read(Network.Node node) {
      for (var maker : Arrays.asList(workspaces.keySet().toArray(Network.Node[]::new))) {
        var workspace = workspaces.get(maker);
        if (workspace.waiting.remove(node) && workspace.waiting.isEmpty()) {
          workspaces.remove(maker);
          free.push(workspace);
        }
      }
    }
  }
}
