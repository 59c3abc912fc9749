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
   * Sets the number for OpenMP in calls from this thread, and for ND4J's own loops and OpenBLAS in
   * the whole process. ND4J's loops ask OpenMP for their number whatever it was told: where they
   * have once started more threads than there are cores, OpenMP lets all threads of the process
   * sleep instead of spin, and oneDNN computes no faster on two threads than on one.
   *
   * @throws IllegalArgumentException if {@code count} is below 1
   */
  public static void use(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("Cannot compute on " + count + " threads");
    }
    Nd4j.getExecutioner(); // the backend resets the numbers when it starts
    var environment = Nd4j.getEnvironment();
    environment.setMaxThreads(count);
    environment.setMaxMasterThreads(count);
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(count);
    Nd4j.factory().blas().setMaxThreads(count);
  }
}
