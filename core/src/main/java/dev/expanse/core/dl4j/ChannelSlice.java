package dev.expanse.core.dl4j;

import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.Shape;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Some channels, side by side.
 *
 * @param from the first one
 * @param to the one after the last one
 */
record ChannelSlice(
    @JsonProperty("from") int from,
    @JsonProperty("to") int to,
    @JsonProperty("kernels") MapKernels kernels)
    implements VertexOperation {
  @Override
  public Shape outputShape(List<Shape> inputs) {
    return new ChannelOperation.Slice(from, to).outputShape(inputs);
  }

  @Override
  public Forward forward(List<INDArray> inputs, Arrays arrays) {
    var x = inputs.get(0);
    var y = arrays.output(x, VertexOperation.withChannels(x, to - from));
    kernels.copyChannels(x, from, y, 0, to - from);
    return new Forward(
        y,
        (epsilon, made) -> {
          var dx = made.gradient(x);
          kernels.clear(dx);
          kernels.copyChannels(epsilon, 0, dx, from, to - from);
          return List.of(dx);
        });
  }
}
