package dev.expanse.core.dl4j;

import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * How many threads native code may use for a call from the current thread. By themselves ND4J takes
 * more than there are cores and OpenBLAS as many, and their spinning barriers then cost a time
 * slice each.
 */
public final class NativeThreads {
  private NativeThreads() {}

  /**
   * Sets the number for ND4J's loops and oneDNN in calls from this thread, and for OpenBLAS in the
   * whole process.
   *
   * @throws IllegalArgumentException if {@code count} is below 1
   */
  public static void use(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("Cannot compute on " + count + " threads");
    }
    Nd4j.getExecutioner(); // the backend resets the numbers when it starts
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(count);
    Nd4j.factory().blas().setMaxThreads(count);
  }
}
