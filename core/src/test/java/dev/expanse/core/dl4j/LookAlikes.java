package dev.expanse.core.dl4j;

import dev.expanse.core.network.ChannelOperation.Concat;
import dev.expanse.core.network.ChannelOperation.Shuffle;
import dev.expanse.core.network.ChannelOperation.Slice;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Network.Node;
import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.Activation.Function;
import dev.expanse.core.network.Operation.Add;
import dev.expanse.core.network.Operation.AveragePool;
import dev.expanse.core.network.Operation.BatchNorm;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.Flatten;
import dev.expanse.core.network.Operation.GlobalAveragePool;
import dev.expanse.core.network.Operation.MaxPool;
import dev.expanse.core.network.Operation.Scale;
import dev.expanse.core.network.Window;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** One block of each family of networks, on a few small channels: every operation there is. */
enum LookAlikes {
  /** Convolutions with bias, alone and with norm, max pool, flatten, hidden layers. */
  VGG(LookAlikes::vgg),
  /** A stem with a padded pool, residual sums with an activation. */
  RESNET(LookAlikes::resnet),
  /** Four branches, a pool with a window more, an auxiliary classifier. */
  INCEPTION(LookAlikes::inception),
  /** Growing maps, norms of them, average pools. */
  DENSENET(LookAlikes::densenet),
  /** Gates by a sigmoid. */
  SE_RESNET(LookAlikes::squeezeExcite),
  /** Halves of maps, shuffled. */
  SHUFFLENET(LookAlikes::shuffle),
  /** Unpadded convolutions, activations by themselves, depthwise convolutions without norm. */
  XCEPTION(LookAlikes::xception);

  static final int SIDE = 14;
  static final int CLASSES = 4;

  private final Supplier<Network> maker;

  LookAlikes(Supplier<Network> maker) {
    this.maker = maker;
  }

  Network network() {
    return maker.get();
  }

  private static Node classify(Network.Builder builder, Node features) {
    return builder.add(
        "fc", new Dense(CLASSES), builder.add("pool", new GlobalAveragePool(), features));
  }

  private static Node stem(Network.Builder builder) {
    return builder.convolution("stem", new Convolution(8, 3, 2, 1), Function.RELU, builder.image());
  }

  private static Node relu(Network.Builder builder, String name, Node input) {
    return builder.add(name, new Activation(Function.RELU), input);
  }

  private static Network vgg() {
    var b = Network.forImages(SIDE);
    var x = b.add("conv1", new Convolution(6, 3, 1, 1).withBias(), b.image());
    x = b.add("pool1", new MaxPool(2, 2, 0), relu(b, "relu1", x));
    x = b.convolution("conv2", new Convolution(8, 3, 1, 1).withBias(), Function.RELU, x);
    x = b.add("conv3", new Convolution(5, 1, 1, 1).withBias(), x);
    x = b.add("flatten", new Flatten(), b.add("pool2", new MaxPool(2, 2, 0), x));
    x = relu(b, "relu3", b.add("fc1", new Dense(12), x));
    x = b.add("fc2", new Dense(10), x);
    b.add("fc", new Dense(CLASSES), relu(b, "relu4", x));
    return b.build();
  }

  private static Network resnet() {
    var b = Network.forImages(SIDE);
    var x = b.convolution("stem", new Convolution(8, 7, 2, 1), Function.RELU, b.image());
    x = b.add("stem.pool", new MaxPool(3, 2, 1), x);
    var y = b.convolution("a", new Convolution(4, 1, 1, 1), Function.RELU, x);
    y = b.convolution("b", new Convolution(4, 3, 2, 1), Function.RELU, y);
    y = b.convolution("c", new Convolution(12, 1, 1, 1), null, y);
    x = b.convolution("short", new Convolution(12, 1, 2, 1), null, x);
    x = relu(b, "relu1", b.add("add1", new Add(), x, y));
    y = b.convolution("d", new Convolution(12, 3, 1, 1), null, x);
    classify(b, b.add("add2", new Add(), y, x));
    return b.build();
  }

  private static Network inception() {
    var b = Network.forImages(SIDE);
    var x = b.add("stem.pool", new MaxPool(new Window(3, 2, 0, true)), stem(b));
    BiFunction<Convolution, Node, Node> conv =
        (operation, input) ->
            b.norm(
                "n" + operation.hashCode() + input.name(),
                new BatchNorm(1e-3, 0.9),
                Function.RELU,
                b.add("c" + operation.hashCode() + input.name(), operation, input));
    var one = conv.apply(new Convolution(4, 1, 1, 1), x);
    var three = conv.apply(new Convolution(6, 3, 1, 1), conv.apply(new Convolution(3, 1, 1, 1), x));
    var five = conv.apply(new Convolution(3, 3, 1, 1), conv.apply(new Convolution(2, 1, 1, 1), x));
    var pool =
        conv.apply(new Convolution(5, 1, 1, 1), b.add("branch.pool", new MaxPool(3, 1, 1), x));
    x = b.add("concat", new Concat(), one, three, five, pool);
    var aux = b.add("aux.pool", new AveragePool(2, 1), x);
    aux = b.add("aux.flatten", new Flatten(), conv.apply(new Convolution(7, 1, 1, 1), aux));
    aux = relu(b, "aux.relu", b.add("aux.fc1", new Dense(9), aux));
    b.auxiliary(b.add("aux.fc2", new Dense(CLASSES), aux), 0.3);
    classify(b, x);
    return b.build();
  }

  private static Network densenet() {
    var b = Network.forImages(SIDE);
    var x = stem(b);
    for (int layer = 0; layer < 3; layer++) {
      var name = "layer" + layer;
      var y = b.norm(name + ".1", new BatchNorm(), Function.RELU, x);
      y = b.add(name + ".conv1", new Convolution(8, 1, 1, 1), y);
      y = b.norm(name + ".2", new BatchNorm(), Function.RELU, y);
      y = b.add(name + ".conv2", new Convolution(4, 3, 1, 1), y);
      x = b.add(name, new Concat(), x, y);
    }
    x = b.norm("transition", new BatchNorm(), Function.RELU, x);
    x = b.add("transition.conv", new Convolution(10, 1, 1, 1), x);
    x = b.add("transition.pool", new AveragePool(2, 2), x);
    classify(b, b.norm("last", new BatchNorm(), null, x));
    return b.build();
  }

  private static Network squeezeExcite() {
    var b = Network.forImages(SIDE);
    var x = stem(b);
    var y = b.convolution("a", new Convolution(8, 3, 1, 1), null, x);
    var gate = b.add("se.fc1", new Dense(3), b.add("se.pool", new GlobalAveragePool(), y));
    gate = b.add("se.fc2", new Dense(8), relu(b, "se.relu", gate));
    gate = b.add("se.sigmoid", new Activation(Function.SIGMOID), gate);
    y = b.add("scale", new Scale(), y, gate);
    classify(b, relu(b, "relu", b.add("add", new Add(), y, x)));
    return b.build();
  }

  private static Network shuffle() {
    var b = Network.forImages(SIDE);
    var x = stem(b);
    var left = b.add("left", new Slice(0, 4), x);
    var right = b.add("right", new Slice(4, 8), x);
    right = b.convolution("a", new Convolution(4, 1, 1, 1), Function.RELU, right);
    right = b.convolution("b", new Convolution(4, 3, 1, 4), null, right);
    right = b.convolution("c", new Convolution(4, 1, 1, 1), Function.RELU, right);
    x = b.add("shuffle", new Shuffle(2), b.add("concat", new Concat(), left, right));
    classify(b, b.convolution("last", new Convolution(12, 1, 1, 1), Function.RELU6, x));
    return b.build();
  }

  private static Network xception() {
    var b = Network.forImages(SIDE);
    var stem = new Convolution(6, 3, 2, 1).unpadded();
    var x = b.convolution("stem", stem, Function.RELU, b.image());
    x = b.convolution("stem2", new Convolution(8, 3, 1, 1).unpadded(), Function.RELU, x);
    var y = relu(b, "relu1", b.add("first", new Convolution(8, 1, 1, 1), x));
    y = b.add("depthwise", new Convolution(8, 3, 1, 8), y);
    y = b.convolution("pointwise", new Convolution(10, 1, 1, 1), null, y);
    y = b.add("pool1", new MaxPool(3, 2, 1), y);
    Operation shortcut = new Convolution(10, 1, 2, 1);
    x = b.norm("short", new BatchNorm(), null, b.add("short.conv", shortcut, x));
    x = b.add("add", new Add(), y, x);
    y = b.add("depthwise2", new Convolution(10, 3, 1, 10), relu(b, "relu2", x));
    y = b.convolution("pointwise2", new Convolution(10, 1, 1, 1), null, y);
    classify(b, b.add("add2", new Add(), y, x));
    return b.build();
  }
}
