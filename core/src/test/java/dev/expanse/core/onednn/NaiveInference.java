package dev.expanse.core.onednn;

import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Shape;
import dev.expanse.core.network.Weights;
import dev.expanse.core.network.Weights.Parameter;
import dev.expanse.core.network.Window;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a network computes, from its definition, one loop after another in double precision. */
public final class NaiveInference implements Operation.Visitor<double[]> {
  private final Weights weights;
  private final double[] image;
  private final Map<Network.Node, double[]> values = new HashMap<>();

  private NaiveInference(Weights weights, double[] image) {
    this.weights = weights;
    this.image = image;
  }

  /** Probabilities {@code [N, classes]} of images {@code [N, H, W, C]}. */
  public static INDArray probabilities(Network network, Weights weights, INDArray images) {
    int batch = (int) images.size(0);
    var rows = new double[batch][];
    for (int n = 0; n < batch; n++) {
      var image = images.slice(n).dup('c').data().asDouble();
      var inference = new NaiveInference(weights, image);
      network.nodes().forEach(node -> inference.values.put(node, node.accept(inference)));
      rows[n] = softmax(inference.values.get(network.output()));
    }
    return Nd4j.create(rows);
  }

  private static double[] softmax(double[] logits) {
    double max = Arrays.stream(logits).max().orElseThrow();
    var exponentials = Arrays.stream(logits).map(x -> Math.exp(x - max)).toArray();
    double sum = Arrays.stream(exponentials).sum();
    return Arrays.stream(exponentials).map(x -> x / sum).toArray();
  }

  @Override
  public double[] visit(Operation.Input operation, Network.Node node) {
    return image;
  }

  @Override
  public double[] visit(Operation.Convolution operation, Network.Node node) {
    var shape = node.shape();
    var output = new double[(int) shape.size()];
    var weight = weights.get(node, Parameter.WEIGHT); // a copy each time
    var bias = operation.bias() ? weights.get(node, Parameter.BIAS) : new float[shape.channels()];
    for (int y = 0; y < shape.height(); y++) {
      for (int x = 0; x < shape.width(); x++) {
        for (int o = 0; o < shape.channels(); o++) {
          output[at(shape, y, x, o)] = bias[o] + convolved(operation, node, weight, y, x, o);
        }
      }
    }
    return output;
  }

  private double convolved(
      Operation.Convolution operation,
      Network.Node node,
      float[] weight,
      int y,
      int x,
      int output) {
    var from = node.onlyInput().shape();
    var input = input(node);
    int kernel = operation.kernel();
    int inputs = from.channels() / operation.groups();
    int first = output / (operation.channels() / operation.groups()) * inputs;
    double sum = 0;
    for (int i = 0; i < inputs; i++) {
      for (int ky = 0; ky < kernel; ky++) {
        for (int kx = 0; kx < kernel; kx++) {
          int iy = y * operation.stride() + ky - operation.padding();
          int ix = x * operation.stride() + kx - operation.padding();
          if (iy >= 0 && iy < from.height() && ix >= 0 && ix < from.width()) {
            sum +=
                weight[((output * inputs + i) * kernel + ky) * kernel + kx]
                    * input[at(from, iy, ix, first + i)];
          }
        }
      }
    }
    return sum;
  }

  private static int at(Shape shape, int y, int x, int channel) {
    return (y * shape.width() + x) * shape.channels() + channel;
  }

  @Override
  public double[] visit(Operation.BatchNorm operation, Network.Node node) {
    var gamma = weights.get(node, Parameter.GAMMA);
    var beta = weights.get(node, Parameter.BETA);
    var mean = weights.get(node, Parameter.MEAN);
    var variance = weights.get(node, Parameter.VARIANCE);
    var output = input(node).clone();
    for (int i = 0; i < output.length; i++) {
      int c = i % gamma.length;
      double deviation = Math.sqrt(variance[c] + operation.epsilon());
      output[i] = gamma[c] * (output[i] - mean[c]) / deviation + beta[c];
    }
    return output;
  }

  @Override
  public double[] visit(Operation.Activation operation, Network.Node node) {
    DoubleUnaryOperator function =
        switch (operation.function()) {
          case RELU -> x -> Math.max(0, x);
          case RELU6 -> x -> Math.min(6, Math.max(0, x));
          case SIGMOID -> x -> 1 / (1 + Math.exp(-x));
        };
    return Arrays.stream(input(node)).map(function).toArray();
  }

  @Override
  public double[] visit(Operation.Add operation, Network.Node node) {
    var output = values.get(node.inputs().get(0)).clone();
    var other = values.get(node.inputs().get(1));
    Arrays.setAll(output, i -> output[i] + other[i]);
    return output;
  }

  @Override
  public double[] visit(Operation.Scale operation, Network.Node node) {
    var output = values.get(node.inputs().get(0)).clone();
    var gate = values.get(node.inputs().get(1));
    Arrays.setAll(output, i -> output[i] * gate[i % gate.length]);
    return output;
  }

  @Override
  public double[] visit(ChannelOperation.Concat operation, Network.Node node) {
    var output = new double[(int) node.shape().size()];
    int first = 0;
    for (var input : node.inputs()) {
      var from = values.get(input);
      int channels = input.shape().channels();
      for (int i = 0; i < from.length; i++) {
        output[i / channels * node.shape().channels() + first + i % channels] = from[i];
      }
      first += channels;
    }
    return output;
  }

  @Override
  public double[] visit(ChannelOperation.Slice operation, Network.Node node) {
    return channels(node, channel -> operation.from() + channel);
  }

  @Override
  public double[] visit(ChannelOperation.Shuffle operation, Network.Node node) {
    int groups = operation.groups();
    int each = node.shape().channels() / groups;
    return channels(node, channel -> channel % groups * each + channel / groups);
  }

  private double[] channels(Network.Node node, IntUnaryOperator source) {
    var input = input(node);
    int inputs = node.onlyInput().shape().channels();
    var output = new double[(int) node.shape().size()];
    int channels = node.shape().channels();
    Arrays.setAll(output, i -> input[i / channels * inputs + source.applyAsInt(i % channels)]);
    return output;
  }

  @Override
  public double[] visit(Operation.MaxPool operation, Network.Node node) {
    return pooled(node, operation.window(), values -> values.max().orElseThrow());
  }

  @Override
  public double[] visit(Operation.AveragePool operation, Network.Node node) {
    return pooled(node, operation.window(), values -> values.average().orElseThrow());
  }

  private double[] pooled(
      Network.Node node, Window window, ToDoubleFunction<DoubleStream> function) {
    var from = node.onlyInput().shape();
    var input = input(node);
    var shape = node.shape();
    var output = new double[(int) shape.size()];
    for (int y = 0; y < shape.height(); y++) {
      for (int x = 0; x < shape.width(); x++) {
        for (int c = 0; c < shape.channels(); c++) {
          var inside = DoubleStream.builder();
          for (int k = 0; k < window.kernel() * window.kernel(); k++) {
            int iy = y * window.stride() - window.padding() + k / window.kernel();
            int ix = x * window.stride() - window.padding() + k % window.kernel();
            if (iy >= 0 && iy < from.height() && ix >= 0 && ix < from.width()) {
              inside.add(input[at(from, iy, ix, c)]);
            }
          }
          output[at(shape, y, x, c)] = function.applyAsDouble(inside.build());
        }
      }
    }
    return output;
  }

  @Override
  public double[] visit(Operation.Flatten operation, Network.Node node) {
    return input(node);
  }

  @Override
  public double[] visit(Operation.GlobalAveragePool operation, Network.Node node) {
    var input = input(node);
    var output = new double[node.shape().channels()];
    for (int i = 0; i < input.length; i++) {
      output[i % output.length] += input[i] * output.length / input.length;
    }
    return output;
  }

  @Override
  public double[] visit(Operation.Dropout operation, Network.Node node) {
    return input(node);
  }

  @Override
  public double[] visit(Operation.Dense operation, Network.Node node) {
    var weight = weights.get(node, Parameter.WEIGHT);
    var bias = weights.get(node, Parameter.BIAS);
    var input = input(node);
    var output = new double[bias.length];
    for (int o = 0; o < output.length; o++) {
      output[o] = bias[o];
      for (int i = 0; i < input.length; i++) {
        output[o] += weight[o * input.length + i] * input[i];
      }
    }
    return output;
  }

  private double[] input(Network.Node node) {
    return values.get(node.onlyInput());
  }
}
