package dev.expanse.core.onednn;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Arrays whose values lie in the order of their indices, with nothing in between: those that native
 * code can work on in place.
 */
public final class RowMajor {
  private RowMajor() {}

  /** Whether an array is one. */
  public static boolean is(INDArray array) {
    long expected = 1;
    for (int d = array.rank() - 1; d >= 0; d--) {
      if (array.size(d) != 1 && array.stride(d) != expected) {
        return false;
      }
      expected *= array.size(d);
    }
    return true;
  }

  /**
   * The address of an array's first value, told only after a check, because native code does not
   * look again.
   *
   * @param role what the array is to the computation, for the message
   * @throws IllegalArgumentException unless it holds floats in row-major order, as many as {@code
   *     shape} has
   */
  static Pointer address(String role, INDArray array, long... shape) {
    if (array.dataType() != DataType.FLOAT || !is(array) || !fits(array, shape)) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot compute with a %s of %s %s with strides %s: expected FLOAT %s in row-major order",
              role,
              array.dataType(),
              Arrays.toString(array.shape()),
              Arrays.toString(array.stride()),
              Arrays.toString(shape)));
    }
    var values = array.data();
    // not addressPointer(), which asks native code
    return new FloatPointer(values.pointer()).getPointer(values.offset());
  }

  private static boolean fits(INDArray array, long[] shape) {
    if (shape.length > 1) {
      return Arrays.equals(array.shape(), shape);
    }
    return array.length() == shape[0]; // a vector may be a row
  }

  /**
   * Moves running statistics towards a batch's: {@code running = momentum * running + (1 -
   * momentum) * batch}.
   *
   * @throws IllegalArgumentException unless both are floats in row-major order, equally many
   */
  public static void approach(INDArray running, INDArray batch, float momentum) {
    long length = running.length();
    address("batch's statistic", batch, length);
    var to = values(running);
    var from = values(batch);
    for (int i = 0; i < length; i++) {
      to.put(i, momentum * to.get(i) + (1 - momentum) * from.get(i));
    }
  }

  /**
   * Sets all values to zero.
   *
   * @throws IllegalArgumentException unless they are floats in row-major order
   */
  public static void clear(INDArray array) {
    long length = array.length();
    var address = address("array", array, length);
    Pointer.memset(address, 0, length * Float.BYTES);
  }

  /** The values themselves, in place. */
  static FloatBuffer values(INDArray array) {
    var address = address("vector", array, array.length());
    return new FloatPointer(address).capacity(array.length()).asBuffer();
  }
}
