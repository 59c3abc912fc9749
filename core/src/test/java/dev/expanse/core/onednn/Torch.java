package dev.expanse.core.onednn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Weights;
import dev.expanse.core.network.Weights.Parameter;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * PyTorch's operations in inference, on maps {@code [N, C, H, W]}. Their weights come from a tape:
 * each operation takes those of the next node that has some, and it is PyTorch that says whether
 * their number fits.
 */
final class Torch implements AutoCloseable {
  static {
    System.setProperty("ai.djl.offline", "true"); // all that it needs is on the class path
  }

  private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  private final Network network;
  private final Weights weights;
  private final Map<Network.Node, float[][]> statistics = new HashMap<>();
  private final Iterator<Network.Node> tape;

  private boolean fitting;

  Torch(Network network, Weights weights) {
    this.network = network;
    this.weights = weights;
    this.tape = network.nodes().stream().filter(node -> !Weights.sizes(node).isEmpty()).iterator();
  }

  /** The weights, with norms whose statistics are those of their inputs. */
  Weights fitted(UnaryOperator<NDArray> model, NDArray images) {
    fitting = true;
    model.apply(images);
    var fitted = Weights.of(network);
    for (var node : network.nodes()) {
      for (var parameter : Weights.sizes(node).keySet()) {
        fitted.put(
            node,
            parameter,
            switch (parameter) {
              case MEAN -> statistics.get(node)[0];
              case VARIANCE -> statistics.get(node)[1];
              default -> weights.get(node, parameter);
            });
      }
    }
    return fitted.build();
  }

  /** Whether all weights have been used. */
  boolean atTheEnd() {
    return !tape.hasNext();
  }

  NDArray images(float[] values, long... shape) {
    return manager.create(values, new Shape(shape));
  }

  NDArray conv(NDArray x, int channels, int kernel, int stride, int groups) {
    long inputs = x.getShape().get(1) / groups;
    var filter = next(tape.next(), Parameter.WEIGHT, channels, inputs, kernel, kernel);
    int padding = (kernel - 1) / 2;
    return Conv2d.conv2d(
            x,
            filter,
            null,
            new Shape(stride, stride),
            new Shape(padding, padding),
            new Shape(1, 1),
            groups)
        .singletonOrThrow();
  }

  NDArray norm(NDArray x) {
    var node = tape.next();
    long channels = x.getShape().get(1);
    var mean = next(node, Parameter.MEAN, channels);
    var variance = next(node, Parameter.VARIANCE, channels);
    if (fitting) {
      var values = x.transpose(1, 0, 2, 3).reshape(channels, -1);
      mean = values.mean(new int[] {1});
      variance = values.sub(mean.expandDims(1)).square().mean(new int[] {1});
      statistics.put(node, new float[][] {mean.toFloatArray(), variance.toFloatArray()});
    }
    return BatchNorm.batchNorm(
            x,
            mean,
            variance,
            next(node, Parameter.GAMMA, channels),
            next(node, Parameter.BETA, channels),
            1,
            0.9f,
            1e-5f,
            false)
        .singletonOrThrow();
  }

  NDArray linear(NDArray x, int channels) {
    var node = tape.next();
    var filter = next(node, Parameter.WEIGHT, channels, x.getShape().get(1));
    return Linear.linear(x, filter, next(node, Parameter.BIAS, channels)).singletonOrThrow();
  }

  private NDArray next(Network.Node node, Parameter parameter, long... shape) {
    return manager.create(weights.get(node, parameter), new Shape(shape));
  }

  static NDArray relu(NDArray x) {
    return Activation.relu(x);
  }

  static NDArray relu6(NDArray x) {
    return Activation.relu6(x);
  }

  static NDArray sigmoid(NDArray x) {
    return Activation.sigmoid(x);
  }

  static NDArray maxPool(NDArray x, int kernel, int stride, int padding) {
    return Pool.maxPool2d(
        x,
        new Shape(kernel, kernel),
        new Shape(stride, stride),
        new Shape(padding, padding),
        false);
  }

  static NDArray averagePool(NDArray x, int kernel) {
    var window = new Shape(kernel, kernel);
    return Pool.avgPool2d(x, window, window, new Shape(0, 0), false, false);
  }

  /** {@code [N, C, H, W]} to {@code [N, C]}. */
  static NDArray mean(NDArray x) {
    return Pool.globalAvgPool2d(x);
  }

  static NDArray concat(NDArray... maps) {
    return NDArrays.concat(new NDList(maps), 1);
  }

  @Override
  public void close() {
    manager.close();
  }
}
