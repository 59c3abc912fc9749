package dev.expanse.core.dl4j;

import dev.expanse.core.network.Shape;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A map with rows below and columns on the right that are less than any value: what a maximum over
 * windows needs that stand out there, which Deeplearning4j's own pooling does not know.
 */
record EndPadding(@JsonProperty("rows") int rows, @JsonProperty("columns") int columns)
    implements VertexOperation {
  @Override
  public Shape outputShape(List<Shape> inputs) {
    var input = inputs.get(0);
    return new Shape(input.height() + rows, input.width() + columns, input.channels());
  }

  @Override
  public Forward forward(List<INDArray> inputs, Arrays arrays) {
    var x = inputs.get(0);
    var inside =
        new INDArrayIndex[] {
          NDArrayIndex.all(),
          NDArrayIndex.interval(0, x.size(1)),
          NDArrayIndex.interval(0, x.size(2)),
          NDArrayIndex.all()
        };
    var y = arrays.output(x, x.size(0), x.size(1) + rows, x.size(2) + columns, x.size(3));
    y.assign(-Float.MAX_VALUE);
    y.get(inside).assign(x);
    return new Forward(
        y,
        (epsilon, made) -> {
          var dx = made.gradient(x);
          dx.assign(epsilon.get(inside));
          return List.of(dx);
        });
  }
}
