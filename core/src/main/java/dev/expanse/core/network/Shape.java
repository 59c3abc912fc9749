package dev.expanse.core.network;

/**
 * The shape of one image's feature map, {@code [H, W, C]}; a vector of C values is {@code [1, 1,
 * C]}.
 *
 * @param height rows, at least 1
 * @param width columns, at least 1
 * @param channels channels, at least 1
 */
public record Shape(int height, int width, int channels) {

  /**
   * @throws IllegalArgumentException if a dimension is less than 1
   */
  public Shape {
    if (height < 1 || width < 1 || channels < 1) {
      throw new IllegalArgumentException(
          "Cannot have a shape of " + text(height, width, channels) + ": a dimension is below 1");
    }
  }

  /** How many values it holds. */
  public long size() {
    return (long) height * width * channels;
  }

  @Override
  public String toString() {
    return text(height, width, channels);
  }

  private static String text(int height, int width, int channels) {
    return height + " x " + width + " x " + channels;
  }
}
