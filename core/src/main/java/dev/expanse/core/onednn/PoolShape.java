package dev.expanse.core.onednn;

import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Shape;
import dev.expanse.core.network.Window;
import dev.expanse.core.onednn.PoolingWindow.Kind;
import java.util.List;

/**
 * What a pool is computed on.
 *
 * @param input of one image
 * @param output of one image
 * @param window what it looks at
 */
public record PoolShape(Shape input, Shape output, PoolingWindow window) {

  /**
   * The maximum of each channel in a window.
   *
   * @throws IllegalArgumentException if the window is larger than the map with its padding
   */
  public static PoolShape maximum(Shape input, Window window) {
    var output = new Operation.MaxPool(window).outputShape(List.of(input));
    return new PoolShape(input, output, PoolingWindow.of(Kind.MAX, window, input));
  }

  /**
   * The mean of each channel in a window.
   *
   * @throws IllegalArgumentException if the window is larger than the map
   */
  public static PoolShape mean(Shape input, int kernel, int stride) {
    var pool = new Operation.AveragePool(kernel, stride);
    var output = pool.outputShape(List.of(input));
    return new PoolShape(input, output, PoolingWindow.of(Kind.MEAN, pool.window(), input));
  }

  /** The mean of each channel. */
  public static PoolShape mean(Shape input) {
    var output = new Shape(1, 1, input.channels());
    return new PoolShape(input, output, PoolingWindow.all(Kind.MEAN, input));
  }

  boolean maximum() {
    return window.kind() == Kind.MAX;
  }

  long[] inputShape(int batch) {
    return new long[] {batch, input.height(), input.width(), input.channels()};
  }

  /** {@code [N, H', W', C]}. */
  public long[] outputShape(int batch) {
    return new long[] {batch, output.height(), output.width(), output.channels()};
  }
}
