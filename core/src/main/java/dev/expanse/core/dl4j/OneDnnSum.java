package dev.expanse.core.dl4j;

import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Shape;
import dev.expanse.core.onednn.FeatureMaps;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The sum of two maps, and the activation that alone reads it, on oneDNN.
 *
 * @param function the activation, if any; else null
 */
record OneDnnSum(@JsonProperty("function") Activation.Function function)
    implements VertexOperation {
  @Override
  public Shape outputShape(List<Shape> inputs) {
    return new Operation.Add().outputShape(inputs);
  }

  @Override
  public Forward forward(List<INDArray> inputs, Arrays arrays) {
    var a = inputs.get(0);
    var b = inputs.get(1);
    var y = arrays.output(a, a.shape());
    FeatureMaps.sum(Optional.ofNullable(function), a, b, y);
    return new Forward(
        y,
        (epsilon, made) -> {
          var da = made.gradient(a);
          var db = made.gradient(b); // of its own: Deeplearning4j adds other readers' in place
          if (function == null) {
            FeatureMaps.copy(epsilon, da);
          } else {
            FeatureMaps.activationGradient(function, y, epsilon, da);
          }
          FeatureMaps.copy(da, db);
          return List.of(da, db);
        });
  }
}
