package dev.expanse.core.onednn;

import dev.expanse.core.network.Shape;
import dev.expanse.core.network.Window;

/**
 * What a pooling looks at; pairs are of height and width.
 *
 * @param kind what it makes of the values on the map
 * @param kernel sides
 * @param strides steps
 * @param before by how much it stands out above and on the left
 * @param after by how much it stands out below and on the right
 */
public record PoolingWindow(Kind kind, Pair kernel, Pair strides, Pair before, Pair after) {
  /** What a pooling makes of the values. */
  public enum Kind {
    /** Their maximum. */
    MAX,
    /** Their mean, of those on the map. */
    MEAN
  }

  /**
   * Of height and width.
   *
   * @param height vertical
   * @param width horizontal
   */
  public record Pair(int height, int width) {
    static Pair of(int both) {
      return new Pair(both, both);
    }

    long[] toArray() {
      return new long[] {height, width};
    }
  }

  /** A window that moves over maps of that shape. */
  static PoolingWindow of(Kind kind, Window window, Shape map) {
    // rows that no window reaches count for less than nothing, which oneDNN does not take
    var after =
        new Pair(
            Math.max(0, window.paddingAtEnd(map.height())),
            Math.max(0, window.paddingAtEnd(map.width())));
    return new PoolingWindow(
        kind, Pair.of(window.kernel()), Pair.of(window.stride()), Pair.of(window.padding()), after);
  }

  /** A window as large as maps of that shape. */
  static PoolingWindow all(Kind kind, Shape map) {
    var size = new Pair(map.height(), map.width());
    return new PoolingWindow(kind, size, size, Pair.of(0), Pair.of(0));
  }
}
