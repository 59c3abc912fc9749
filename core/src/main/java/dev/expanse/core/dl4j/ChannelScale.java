package dev.expanse.core.dl4j;

import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Shape;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** Each channel of a map, the first input, times its gate, the second. */
record ChannelScale(@JsonProperty("kernels") MapKernels kernels) implements VertexOperation {
  @Override
  public Shape outputShape(List<Shape> inputs) {
    return new Operation.Scale().outputShape(inputs);
  }

  @Override
  public Forward forward(List<INDArray> inputs, Arrays arrays) {
    var x = inputs.get(0);
    var gate = inputs.get(1);
    var y = arrays.output(x, x.shape());
    kernels.scale(x, gate, y);
    return new Forward(
        y,
        (epsilon, made) -> {
          var dx = made.gradient(x);
          var dGate = made.gradient(gate);
          kernels.scale(epsilon, gate, dx);
          kernels.gateGradient(x, epsilon, dGate);
          return List.of(dx, dGate);
        });
  }
}
