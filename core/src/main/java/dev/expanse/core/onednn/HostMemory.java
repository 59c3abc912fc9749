package dev.expanse.core.onednn;

import java.util.Locale;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.memory.MemoryWorkspace;

/**
 * Memory outside of the heap that ND4J is about to allocate. It does so itself: JavaCPP, whose
 * limits are for its own buffers, never sees that, and where the system has no more, ND4J ends the
 * process.
 */
public final class HostMemory {
  private HostMemory() {}

  /**
   * Makes sure that there is room.
   *
   * @param bytes about to be allocated
   * @throws OutOfMemoryError if the process would then exceed {@code
   *     org.bytedeco.javacpp.maxphysicalbytes}; its message and its cause's have all sizes
   */
  public static void require(long bytes) {
    long limit = Pointer.maxPhysicalBytes();
    if (limit > 0 && Pointer.physicalBytes() + bytes > limit) {
      System.gc(); // arrays that nobody needs are freed when Java finds that out
      long used = Pointer.physicalBytes();
      if (used + bytes > limit) {
        var error = new OutOfMemoryError("Failed to allocate [" + bytes + "] bytes");
        error.initCause(
            new OutOfMemoryError(
                String.format(
                    Locale.ROOT,
                    "the process has %.2f of at most %.2f GB (maxPhysicalBytes)",
                    used / 1e9,
                    limit / 1e9)));
        throw error;
      }
    }
  }

  /** The same for an array in a workspace, where that has no room left and goes beyond it. */
  public static void require(MemoryWorkspace workspace, long bytes) {
    if (workspace.getCurrentSize() - workspace.getPrimaryOffset() < bytes) {
      require(bytes);
    }
  }
}
