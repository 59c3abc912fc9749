package dev.expanse.core.dl4j;

import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Shape;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A map as a vector, rows first, then columns, then channels. */
record Flattening() implements VertexOperation {
  @Override
  public Shape outputShape(List<Shape> inputs) {
    return new Operation.Flatten().outputShape(inputs);
  }

  @Override
  public boolean flattens() {
    return true;
  }

  @Override
  public Forward forward(List<INDArray> inputs, Arrays arrays) {
    var x = inputs.get(0);
    var y = arrays.output(x, x.size(0), x.length() / x.size(0));
    y.assign(x.reshape('c', y.shape()));
    return new Forward(
        y,
        (epsilon, made) -> {
          var dx = made.gradient(x);
          dx.assign(epsilon.reshape('c', x.shape()));
          return List.of(dx);
        });
  }
}
