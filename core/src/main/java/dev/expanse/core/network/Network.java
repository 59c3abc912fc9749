package dev.expanse.core.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A classifier as a graph of named operations, independent of any engine: shapes are inferred and
 * checked when it is built, and nothing changes afterwards. The nodes are in an order in which they
 * can run; the first is the image, the last gives the logits, {@code [1, 1, classes]}.
 */
public final class Network {
  private final List<Node> inOrder;
  private final int[] readers;
  private final Node output;
  private final List<Auxiliary> auxiliaries;

  // made when first asked for, which counting the cost of a million networks never does
  private Map<String, Node> byName;

  private Network(List<Node> nodes, Node output, List<Auxiliary> auxiliaries) {
    this.inOrder = List.copyOf(nodes);
    this.readers = countReaders(inOrder);
    this.output = output;
    this.auxiliaries = List.copyOf(auxiliaries);
  }

  /**
   * Logits that only training has a use for (Szegedy et al., "Going Deeper with Convolutions",
   * 2015, section 5).
   *
   * @param logits the node that gives them, {@code [1, 1, classes]}
   * @param weight what their loss is multiplied with before it is added to that of the output
   */
  public record Auxiliary(Node logits, double weight) {}

  /** A builder for a network on images of {@code [resolution, resolution, 3]}. */
  public static Builder forImages(int resolution) {
    return forMap(new Shape(resolution, resolution, 3));
  }

  /** A builder for a part of a network, which begins with a feature map of that shape. */
  static Builder forMap(Shape map) {
    return new Builder(map);
  }

  /** The nodes, each after its inputs. */
  public List<Node> nodes() {
    return inOrder;
  }

  /**
   * The node of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Node node(String name) {
    var named = byName();
    var node = named.get(name);
    if (node == null) {
      throw new IllegalArgumentException(
          "Cannot find the node '" + name + "' among " + named.keySet());
    }
    return node;
  }

  /** The same map whichever thread makes it, and unmodifiable: no lock is needed. */
  private Map<String, Node> byName() {
    var named = byName;
    if (named == null) {
      var nodes = new LinkedHashMap<String, Node>();
      inOrder.forEach(node -> nodes.put(node.name(), node));
      named = Collections.unmodifiableMap(nodes);
      byName = named;
    }
    return named;
  }

  /** The image. */
  public Node input() {
    return inOrder.get(0);
  }

  /** The node that gives the logits. */
  public Node output() {
    return output;
  }

  /** The auxiliary classifiers, in the order in which they were added; usually none. */
  public List<Auxiliary> auxiliaries() {
    return auxiliaries;
  }

  /** What inference needs: the same network, with the same nodes, without auxiliaries. */
  public Network inference() {
    if (auxiliaries.isEmpty()) {
      return this;
    }
    var needed = new HashSet<Node>(List.of(output));
    for (int i = inOrder.size() - 1; i >= 0; i--) {
      if (needed.contains(inOrder.get(i))) {
        needed.addAll(inOrder.get(i).inputs());
      }
    }
    return new Network(inOrder.stream().filter(needed::contains).toList(), output, List.of());
  }

  /** How many classes the logits tell apart. */
  public int classes() {
    return output.shape().channels();
  }

  /** How many times nodes of this network read the output of {@code node}. */
  public int readers(Node node) {
    return readers[node.index()];
  }

  /** The nodes that read each node, in their order; what nobody reads is not in it. */
  public Map<Node, List<Node>> readers() {
    var all = new HashMap<Node, List<Node>>();
    for (var node : inOrder) {
      for (var input : node.inputs()) {
        all.computeIfAbsent(input, read -> new ArrayList<>()).add(node);
      }
    }
    return all;
  }

  private static int[] countReaders(List<Node> nodes) {
    var readers = new int[nodes.get(nodes.size() - 1).index() + 1];
    for (var node : nodes) {
      for (var input : node.inputs()) {
        readers[input.index()]++;
      }
    }
    return readers;
  }

  /** One operation at its place in one network; equal only to itself. */
  public static final class Node {
    private final int index;
    private final String name;
    private final Operation operation;
    private final List<Node> inputs;
    private final Shape shape;

    private Node(int index, String name, Operation operation, List<Node> inputs, Shape shape) {
      this.index = index;
      this.name = name;
      this.operation = operation;
      this.inputs = inputs;
      this.shape = shape;
    }

    /**
     * How many nodes were added before it: unique within the network, ascending in its order, and
     * the same in {@link Network#inference()}, which has gaps where nodes were left out.
     */
    public int index() {
      return index;
    }

    /** Its name, unique within the network. */
    public String name() {
      return name;
    }

    /** What it does. */
    public Operation operation() {
      return operation;
    }

    /** The nodes whose outputs it reads. */
    public List<Node> inputs() {
      return inputs;
    }

    /** The shape of its output, {@code [H, W, C]}. */
    public Shape shape() {
      return shape;
    }

    /**
     * The only input.
     *
     * @throws IllegalStateException if it has none or several
     */
    public Node onlyInput() {
      if (inputs.size() != 1) {
        throw new IllegalStateException("'" + name + "' has " + inputs.size() + " inputs");
      }
      return inputs.get(0);
    }

    /** What the visitor says of this node. */
    public <R> R accept(Operation.Visitor<R> visitor) {
      return operation.accept(visitor, this);
    }

    @Override
    public String toString() {
      return name + " " + operation + " -> " + shape;
    }
  }

  /** Adds operations one after another; each returns its node, to be the input of later ones. */
  public static final class Builder {
    // of the size of usual networks, which many are built of
    private final List<Node> nodes = new ArrayList<>(256);
    private final Set<String> names = new HashSet<>(512);
    private final List<Auxiliary> auxiliaries = new ArrayList<>();
    private final Node image;

    private Builder(Shape image) {
      this.image = add("image", new Operation.Input(image));
    }

    /** The image. */
    public Node image() {
      return image;
    }

    /**
     * Adds one operation.
     *
     * @throws IllegalArgumentException if the name is taken, an input is not of this network, or
     *     the operation cannot take inputs of these shapes; the message names the operation and the
     *     shapes
     */
    public Node add(String name, Operation operation, Node... inputs) {
      if (names.contains(name)) {
        throw new IllegalArgumentException("Cannot add '" + name + "': the name is taken");
      }
      try {
        var shape = operation.outputShape(shapes(inputs));
        var node = new Node(nodes.size(), name, operation, List.of(inputs), shape);
        names.add(name);
        nodes.add(node);
        return node;
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw new IllegalArgumentException("Cannot add '" + name + "': " + e.getMessage(), e);
      }
    }

    private List<Shape> shapes(Node... inputs) {
      for (var input : inputs) {
        if (!isOwn(input)) {
          throw new IllegalArgumentException(
              "its input '" + input.name() + "' is not of this network");
        }
      }
      return switch (inputs.length) {
        case 0 -> List.of();
        case 1 -> List.of(inputs[0].shape());
        case 2 -> List.of(inputs[0].shape(), inputs[1].shape());
        default -> Arrays.stream(inputs).map(Node::shape).toList();
      };
    }

    /**
     * Convolution, batch norm and activation as three nodes {@code name.conv}, {@code name.norm}
     * and {@code name.act}; without the last where {@code function} is null.
     */
    public Node convolution(
        String name,
        Operation.Convolution convolution,
        Operation.Activation.Function function,
        Node input) {
      var conv = add(name + ".conv", convolution, input);
      return norm(name, new Operation.BatchNorm(), function, conv);
    }

    /**
     * Batch norm and activation as two nodes {@code name.norm} and {@code name.act}; without the
     * last where {@code function} is null.
     */
    public Node norm(
        String name,
        Operation.BatchNorm operation,
        Operation.Activation.Function function,
        Node input) {
      var norm = add(name + ".norm", operation, input);
      return function == null ? norm : add(name + ".act", new Operation.Activation(function), norm);
    }

    /**
     * Makes a node's outputs logits of an auxiliary classifier, which nobody else reads.
     *
     * @param weight what their loss is multiplied with
     */
    public Builder auxiliary(Node logits, double weight) {
      auxiliaries.add(new Auxiliary(logits, weight));
      return this;
    }

    /**
     * The network whose logits are the last node added.
     *
     * @throws IllegalArgumentException if that is not a vector, an auxiliary's is not of the same
     *     length, or an output is read by nobody
     */
    public Network build() {
      var last = nodes.get(nodes.size() - 1);
      if (last.shape().height() != 1 || last.shape().width() != 1) {
        throw new IllegalArgumentException(
            "Cannot classify with '" + last.name() + "': its output is " + last.shape());
      }
      var network = new Network(nodes, last, auxiliaries);
      var claimed = new HashSet<Node>();
      for (var auxiliary : auxiliaries) {
        var logits = auxiliary.logits();
        if (!isOwn(logits)
            || logits == last
            || network.readers(logits) > 0
            || !claimed.add(logits)
            || !logits.shape().equals(last.shape())) {
          throw new IllegalArgumentException(
              "Cannot take " + logits + " for logits beside " + last);
        }
      }
      for (var node : nodes) {
        if (network.readers(node) == 0 && node != last && !claimed.contains(node)) {
          throw new IllegalArgumentException("Cannot leave '" + node.name() + "' without a reader");
        }
      }
      return network;
    }

    /** All so far as a part of a network: its output, the last node added, may be any map. */
    Network part() {
      return new Network(nodes, nodes.get(nodes.size() - 1), List.of());
    }

    private boolean isOwn(Node node) {
      return node.index() < nodes.size() && nodes.get(node.index()) == node;
    }
  }
}
