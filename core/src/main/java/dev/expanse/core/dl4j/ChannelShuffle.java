package dev.expanse.core.dl4j;

import dev.expanse.core.network.ChannelOperation;
import dev.expanse.core.network.Shape;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Deals the channels of each group out, as {@link ChannelOperation.Shuffle} says. */
record ChannelShuffle(
    @JsonProperty("groups") int groups, @JsonProperty("kernels") MapKernels kernels)
    implements VertexOperation {
  @Override
  public Shape outputShape(List<Shape> inputs) {
    return new ChannelOperation.Shuffle(groups).outputShape(inputs);
  }

  @Override
  public Forward forward(List<INDArray> inputs, Arrays arrays) {
    var x = inputs.get(0);
    var y = arrays.output(x, x.shape());
    kernels.deal(x, y, groups);
    return new Forward(
        y,
        (epsilon, made) -> {
          var dx = made.gradient(x);
          kernels.deal(epsilon, dx, VertexOperation.channels(x) / groups);
          return List.of(dx);
        });
  }
}
