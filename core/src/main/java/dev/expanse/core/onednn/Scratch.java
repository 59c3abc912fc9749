package dev.expanse.core.onednn;

import java.util.EnumMap;
import java.util.Map;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * What one computation needs besides its arguments: a stream, and memory whose contents nobody
 * reads afterwards. It grows to the largest that was asked for and is used by one caller at a time.
 */
final class Scratch implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  /** Buffers that may be in use together. */
  enum Use {
    /** What a primitive asks for itself. */
    SCRATCHPAD,
    /** Weights, or their gradient, in the layout that a primitive prefers. */
    WEIGHTS,
    /** The gradient between the primitives of a unit. */
    GRADIENT
  }

  private final stream stream = new stream(OneDnn.engine());
  private final Map<Use, BytePointer> buffers = new EnumMap<>(Use.class);

  stream stream() {
    return stream;
  }

  /** At least so many bytes, aligned to a cache line. */
  Pointer memory(Use use, long bytes) {
    var buffer = buffers.get(use);
    if (buffer == null || buffer.limit() - buffer.position() < bytes) {
      if (buffer != null) {
        buffers.remove(use);
        buffer.close();
      }
      buffer = aligned(bytes);
      buffers.put(use, buffer);
    }
    return buffer;
  }

  private static BytePointer aligned(long bytes) {
    var pointer = new BytePointer(bytes + ALIGNMENT);
    long gap = -pointer.address() & (ALIGNMENT - 1);
    return pointer.position(gap).limit(gap + bytes);
  }

  @Override
  public void close() {
    buffers.values().forEach(Pointer::close);
    buffers.clear();
    stream.close();
  }
}
