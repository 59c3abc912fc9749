package dev.expanse.core.onednn;

import dev.expanse.core.network.ChannelOperation.Concat;
import dev.expanse.core.network.ChannelOperation.Shuffle;
import dev.expanse.core.network.ChannelOperation.Slice;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.Activation.Function;
import dev.expanse.core.network.Operation.Add;
import dev.expanse.core.network.Operation.AveragePool;
import dev.expanse.core.network.Operation.BatchNorm;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.Dropout;
import dev.expanse.core.network.Operation.Flatten;
import dev.expanse.core.network.Operation.GlobalAveragePool;
import dev.expanse.core.network.Operation.MaxPool;
import dev.expanse.core.network.Operation.Scale;
import dev.expanse.core.network.Window;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Adds operations to nodes that it draws from all before, until nothing is left unread. */
public final class DrawnNetwork {
  private final Random random;
  private final int block;
  private final Network.Builder builder;
  private final List<Network.Node> nodes = new ArrayList<>();
  private final Set<Network.Node> unread = new LinkedHashSet<>();
  private int added;

  /**
   * A classifier of all operations there are, in any arrangement.
   *
   * @param block divides the channels of all feature maps
   */
  public static Network of(Random random, int block) {
    return new DrawnNetwork(random, block).network();
  }

  private DrawnNetwork(Random random, int block) {
    this.random = random;
    this.block = block;
    this.builder = Network.forImages(4 + random.nextInt(6));
    add(new Convolution(channels(), 3, 1, 1), builder.image());
  }

  private Network network() {
    int count = 3 + random.nextInt(15);
    while (nodes.size() < count) {
      extend(random.nextInt(12) == 0 && block == 1 ? builder.image() : node());
    }
    Network.Node sum = null;
    for (var node : List.copyOf(unread)) {
      var vector = isVector(node) ? node : add(new GlobalAveragePool(), node);
      var logits = add(new Dense(AgainstDefinition.CLASSES), vector);
      sum = sum == null ? logits : add(new Add(), sum, logits);
    }
    return builder.build();
  }

  private int channels() {
    return block * (1 + random.nextInt(4));
  }

  /** One of all, more often one of the last. */
  private Network.Node node() {
    int back = Math.min(random.nextInt(nodes.size()), random.nextInt(nodes.size()));
    return nodes.get(nodes.size() - 1 - back);
  }

  private static boolean isVector(Network.Node node) {
    return node.shape().size() == node.shape().channels();
  }

  private void extend(Network.Node input) {
    int channels = input.shape().channels();
    int side = input.shape().height();
    switch (random.nextInt(16)) {
      case 0, 1, 2 -> convolve(input, 1);
      case 3 -> convolve(input, channels);
      case 4 -> add(new BatchNorm(), input);
      case 5, 6 -> add(new Activation(Function.values()[random.nextInt(3)]), input);
      case 7, 8 -> add(new Add(), input, same(input));
      case 9, 10 -> concatenate(input);
      case 11 -> slice(input);
      case 12 -> add(new Shuffle(channels % 2 == 0 ? 2 : channels), input);
      case 13 -> pool(input, side);
      case 14 -> add(new Scale(), input, gate(input));
      default -> vector(input);
    }
  }

  private void convolve(Network.Node input, int groups) {
    int kernel = 1 + random.nextInt(Math.min(3, input.shape().height()));
    int padding = random.nextInt(kernel);
    int stride = 1 + random.nextInt(2);
    int channels = groups == 1 ? channels() : groups;
    add(new Convolution(channels, kernel, stride, groups, padding, random.nextBoolean()), input);
  }

  private Network.Node same(Network.Node input) {
    var same = nodes.stream().filter(node -> node.shape().equals(input.shape())).toList();
    return same.get(random.nextInt(same.size()));
  }

  private void concatenate(Network.Node input) {
    int side = input.shape().height();
    var fitting = nodes.stream().filter(node -> node.shape().height() == side).toList();
    var parts = new ArrayList<>(List.of(input));
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      parts.add(random.nextInt(parts.size() + 1), fitting.get(random.nextInt(fitting.size())));
    }
    if (parts.stream().mapToInt(part -> part.shape().channels()).sum() < 100) {
      add(new Concat(), parts.toArray(Network.Node[]::new));
    }
  }

  private void slice(Network.Node input) {
    int blocks = Math.max(1, input.shape().channels() / block);
    int from = random.nextInt(blocks);
    int to = from + 1 + random.nextInt(blocks - from);
    add(new Slice(from * block, to * block), input);
  }

  private void pool(Network.Node input, int side) {
    int kernel = 1 + random.nextInt(Math.min(3, side));
    int stride = 1 + random.nextInt(2);
    if (random.nextBoolean()) {
      add(new AveragePool(kernel, stride), input);
    } else {
      int padding = random.nextInt(kernel);
      add(new MaxPool(new Window(kernel, stride, padding, random.nextBoolean())), input);
    }
  }

  private Network.Node gate(Network.Node input) {
    var vector = isVector(input) ? input : add(new GlobalAveragePool(), input);
    return add(new Activation(Function.SIGMOID), vector);
  }

  private void vector(Network.Node input) {
    Operation flat = random.nextBoolean() ? new Flatten() : new GlobalAveragePool();
    var x = add(flat, input);
    x = random.nextBoolean() ? add(new Dropout(0.3), x) : x;
    if (random.nextBoolean()) {
      add(new Dense(channels()), x);
    }
  }

  private Network.Node add(Operation operation, Network.Node... inputs) {
    var node = builder.add("node" + ++added, operation, inputs);
    List.of(inputs).forEach(unread::remove);
    nodes.add(node);
    unread.add(node);
    return node;
  }
}
