package dev.expanse.core.dl4j;

import dev.expanse.core.onednn.HostMemory;
import dev.expanse.core.onednn.RowMajor;
import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.cpu.nativecpu.NDArray;
import org.nd4j.linalg.cpu.nativecpu.buffer.LongBuffer;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Makes the arrays of one layer or vertex: floats in row-major order. ND4J has the shape of every
 * new array described in native memory, which takes longer than to compute many a small layer; here
 * a shape is described once. Not for several threads at once.
 */
final class FloatArrays {
  private final Map<java.nio.LongBuffer, Description> descriptions = new HashMap<>();

  /**
   * Of a shape.
   *
   * @param length values of such an array
   * @param buffer for native code
   * @param values the same for Java
   */
  private record Description(long length, LongBuffer buffer, long[] values) {
    static Description of(java.nio.LongBuffer shape) {
      var both =
          Nd4j.getShapeInfoProvider().createShapeInformation(shape.array(), 'c', DataType.FLOAT);
      long length = 1;
      for (long size : shape.array()) {
        length *= size;
      }
      return new Description(length, (LongBuffer) both.getFirst(), both.getSecond());
    }
  }

  /**
   * A new array of arbitrary values.
   *
   * @throws OutOfMemoryError with all sizes, if the process would be too large with it
   */
  INDArray make(LayerWorkspaceMgr workspace, ArrayType type, long... shape) {
    var description = describe(shape);
    var scope = workspace.notifyScopeBorrowed(type);
    try {
      HostMemory.require(scope, description.length() * Float.BYTES);
      var values = Nd4j.createBuffer(DataType.FLOAT, description.length(), false);
      return new NDArray(values, description.buffer(), description.values());
    } finally {
      scope.close();
    }
  }

  /** The array, or a copy of it in the order that native code takes, in that workspace. */
  static INDArray rowMajor(INDArray array, ArrayType type, LayerWorkspaceMgr workspace) {
    return RowMajor.is(array) ? array : workspace.dup(type, array, 'c');
  }

  /** The values of an array in row-major order as a vector, in place. */
  INDArray flat(INDArray array) {
    var description = describe(array.length());
    return new NDArray(array.data(), description.buffer(), description.values());
  }

  private Description describe(long... shape) {
    var known = descriptions.get(java.nio.LongBuffer.wrap(shape));
    return known != null
        ? known
        : descriptions.computeIfAbsent(java.nio.LongBuffer.wrap(shape.clone()), Description::of);
  }
}
