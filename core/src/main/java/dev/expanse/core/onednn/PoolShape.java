package dev.expanse.core.onednn;

import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Shape;
import dev.expanse.core.network.Window;
import java.util.List;

/**
 * What a pool is computed on.
 *
 * @param input of one image
 * @param output of one image
 * @param maximum whether it takes the maximum; else the mean
 * @param rows of its window
 * @param columns of its window
 * @param stride step in both directions
 * @param padding above and on the left
 * @param paddingBelow as far as the last window reaches out
 * @param paddingRight likewise
 */
public record PoolShape(
    Shape input,
    Shape output,
    boolean maximum,
    int rows,
    int columns,
    int stride,
    int padding,
    int paddingBelow,
    int paddingRight) {

  /**
   * The maximum of each channel in a window.
   *
   * @throws IllegalArgumentException if the window is larger than the map with its padding
   */
  public static PoolShape maximum(Shape input, Window window) {
    return of(input, new Operation.MaxPool(window).outputShape(List.of(input)), true, window);
  }

  /**
   * The mean of each channel in a window.
   *
   * @throws IllegalArgumentException if the window is larger than the map
   */
  public static PoolShape mean(Shape input, int kernel, int stride) {
    var pool = new Operation.AveragePool(kernel, stride);
    return of(input, pool.outputShape(List.of(input)), false, pool.window());
  }

  /** The mean of each channel. */
  public static PoolShape mean(Shape input) {
    var output = new Shape(1, 1, input.channels());
    return new PoolShape(input, output, false, input.height(), input.width(), 1, 0, 0, 0);
  }

  private static PoolShape of(Shape input, Shape output, boolean maximum, Window window) {
    return new PoolShape(
        input,
        output,
        maximum,
        window.kernel(),
        window.kernel(),
        window.stride(),
        window.padding(),
        Math.max(0, window.paddingAtEnd(input.height())), // less than 0: rows nobody looks at
        Math.max(0, window.paddingAtEnd(input.width())));
  }

  long[] inputShape(int batch) {
    return new long[] {batch, input.height(), input.width(), input.channels()};
  }

  /** {@code [N, H', W', C]}. */
  public long[] outputShape(int batch) {
    return new long[] {batch, output.height(), output.width(), output.channels()};
  }
}
