package dev.expanse.core.dl4j;

import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.Shape;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** The channels of several maps, one map after another. */
record ChannelConcat(@JsonProperty("kernels") MapKernels kernels) implements VertexOperation {
  @Override
  public Shape outputShape(List<Shape> inputs) {
    return new ChannelOperation.Concat().outputShape(inputs);
  }

  @Override
  public Forward forward(List<INDArray> inputs, Arrays arrays) {
    long channels = inputs.stream().mapToLong(VertexOperation::channels).sum();
    var first = inputs.get(0);
    var y = arrays.output(first, VertexOperation.withChannels(first, channels));
    long at = 0;
    for (var input : inputs) {
      long count = VertexOperation.channels(input);
      kernels.copyChannels(input, 0, y, at, count);
      at += count;
    }
    return new Forward(y, (epsilon, made) -> split(inputs, epsilon, made));
  }

  private List<INDArray> split(List<INDArray> inputs, INDArray epsilon, Arrays arrays) {
    var gradients = new ArrayList<INDArray>();
    long at = 0;
    for (var input : inputs) {
      long count = VertexOperation.channels(input);
      var gradient = arrays.gradient(input);
      kernels.copyChannels(epsilon, at, gradient, 0, count);
      gradients.add(gradient);
      at += count;
    }
    return gradients;
  }
}
