package dev.expanse.core.network;

/**
 * A square window that moves over a feature map.
 *
 * @param kernel its side
 * @param stride step in both directions
 * @param padding by how much it may stand out on every side, less than its side
 * @param ceiling whether a last window counts that begins on the map or its padding and stands out
 *     further below or on the right ({@code ceil_mode} in PyTorch)
 */
public record Window(int kernel, int stride, int padding, boolean ceiling) {
  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public Window {
    if (kernel < 1 || stride < 1 || padding < 0 || padding >= kernel) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot move a window of side %d by %d with a padding of %d",
              kernel, stride, padding));
    }
  }

  /** A window that never stands out further than its padding. */
  public Window(int kernel, int stride, int padding) {
    this(kernel, stride, padding, false);
  }

  /**
   * The shape of what comes of its places on a map.
   *
   * @param channels its channels
   * @throws IllegalArgumentException if the window is larger than the map with its padding
   */
  Shape over(Shape input, int channels) {
    int smaller = Math.min(input.height(), input.width());
    if (smaller + 2 * padding < kernel) {
      throw new IllegalArgumentException(
          String.format(
              "cannot move a window of side %d over an input of %s with a padding of %d",
              kernel, input, padding));
    }
    return new Shape(steps(input.height()), steps(input.width()), channels);
  }

  private int steps(int size) {
    int room = size + 2 * padding - kernel;
    int steps = room / stride + 1;
    boolean another = ceiling && room % stride != 0 && steps * stride < size + padding;
    return another ? steps + 1 : steps;
  }

  /**
   * How far the last window stands out below, or on the right, on a side of so many values: its
   * padding, more where {@code ceiling} adds a window, less where the last rows are not reached.
   */
  public int paddingAtEnd(int size) {
    return (steps(size) - 1) * stride + kernel - size - padding;
  }
}
