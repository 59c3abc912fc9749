package dev.expanse.core.dl4j;

import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * How many threads ND4J's native code may use for a call from the current thread. By itself it
 * takes more than there are cores, and their spinning barriers then cost a time slice each.
 */
public final class NativeThreads {
  private NativeThreads() {}

  /**
   * Sets the number for calls from this thread and, in ND4J's own loops, for the whole process.
   *
   * @throws IllegalArgumentException if {@code count} is below 1
   */
  public static void use(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("Cannot compute on " + count + " threads");
    }
    Nd4j.getExecutioner(); // the backend resets the number when it starts
    var ops = NativeOpsHolder.getInstance().getDeviceNativeOps();
    if (ops.ompGetMaxThreads() != count) {
      ops.setOmpNumThreads(count);
    }
  }
}
