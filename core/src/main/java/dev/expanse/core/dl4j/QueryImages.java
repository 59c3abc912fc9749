package dev.expanse.core.dl4j;

import dev.expanse.core.network.Shape;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What a classifier is asked about. */
final class QueryImages {
  private QueryImages() {}

  /**
   * How many images there are.
   *
   * @param batch at most so many
   * @throws IllegalArgumentException if they are more, or not of that shape
   */
  static int count(INDArray images, Shape image, int batch) {
    long count = images.size(0);
    long[] expected = {Math.min(count, batch), image.height(), image.width(), image.channels()};
    if (!Arrays.equals(images.shape(), expected)) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot classify images of %s: expected %s",
              Arrays.toString(images.shape()), Arrays.toString(expected)));
    }
    return (int) count;
  }
}
