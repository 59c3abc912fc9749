package dev.expanse.core.dl4j;

import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Shape;
import dev.expanse.core.onednn.FeatureMaps;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** A function of each value, on oneDNN. */
record OneDnnActivation(@JsonProperty("function") Activation.Function function)
    implements VertexOperation {
  @Override
  public Shape outputShape(List<Shape> inputs) {
    return new Activation(function).outputShape(inputs);
  }

  @Override
  public Forward forward(List<INDArray> inputs, Arrays arrays) {
    var x = inputs.get(0);
    var y = arrays.output(x, x.shape());
    FeatureMaps.activate(function, x, y);
    return new Forward(
        y,
        (epsilon, made) -> {
          var dx = made.gradient(x);
          FeatureMaps.activationGradient(function, y, epsilon, dx);
          return List.of(dx);
        });
  }
}
