package dev.expanse.core.dl4j;

import dev.expanse.core.network.Shape;
import dev.expanse.core.network.Window;
import dev.expanse.core.onednn.FeatureMaps;
import dev.expanse.core.onednn.PoolShape;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The maxima or means of each channel, on oneDNN.
 *
 * @param kind of what
 * @param kernel side of the window; 0 for the whole map
 * @param stride step in both directions
 * @param padding by how much the window may stand out
 * @param ceiling as {@link Window#ceiling()}
 */
record OneDnnPool(
    @JsonProperty("kind") Kind kind,
    @JsonProperty("kernel") int kernel,
    @JsonProperty("stride") int stride,
    @JsonProperty("padding") int padding,
    @JsonProperty("ceiling") boolean ceiling)
    implements VertexOperation {

  /** What is taken of a window. */
  enum Kind {
    /** The greatest value. */
    MAXIMUM,
    /** The mean. */
    MEAN,
    /** The mean of the whole map, as a vector. */
    GLOBAL_MEAN
  }

  static OneDnnPool maximum(Window window) {
    return new OneDnnPool(
        Kind.MAXIMUM, window.kernel(), window.stride(), window.padding(), window.ceiling());
  }

  static OneDnnPool mean(int kernel, int stride) {
    return new OneDnnPool(Kind.MEAN, kernel, stride, 0, false);
  }

  static OneDnnPool globalMean() {
    return new OneDnnPool(Kind.GLOBAL_MEAN, 0, 1, 0, false);
  }

  private PoolShape on(Shape input) {
    return switch (kind) {
      case MAXIMUM -> PoolShape.maximum(input, new Window(kernel, stride, padding, ceiling));
      case MEAN -> PoolShape.mean(input, kernel, stride);
      case GLOBAL_MEAN -> PoolShape.mean(input);
    };
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    return on(inputs.get(0)).output();
  }

  @Override
  public boolean flattens() {
    return kind == Kind.GLOBAL_MEAN;
  }

  @Override
  public Forward forward(List<INDArray> inputs, Arrays arrays) {
    var x = inputs.get(0);
    var pool = on(shape(x));
    int batch = (int) x.size(0);
    var shape = flattens() ? new long[] {batch, pool.output().size()} : pool.outputShape(batch);
    var y = arrays.output(x, shape);
    long memory = FeatureMaps.pooledFrom(pool, batch);
    var from = memory > 0 ? Optional.of(arrays.kept(x, memory)) : Optional.<INDArray>empty();
    FeatureMaps.pool(pool, x, from, y);
    return new Forward(
        y,
        (epsilon, made) -> {
          var dx = made.gradient(x);
          FeatureMaps.poolGradient(pool, epsilon, from, dx);
          return List.of(dx);
        });
  }

  private static Shape shape(INDArray x) {
    return x.rank() == 4
        ? new Shape((int) x.size(1), (int) x.size(2), (int) x.size(3))
        : new Shape(1, 1, (int) x.size(1));
  }
}
