package dev.expanse.core.onednn;

import java.util.EnumMap;
import java.util.HashMap;
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
    /** A unit's input amid the zeros of its padding. */
    FRAMED_INPUT,
    /** Weights in the layout that a primitive prefers. */
    WEIGHTS,
    /** Their gradient, likewise. */
    WEIGHT_GRADIENT,
    /** The gradient of a part's bias. */
    BIAS_GRADIENT,
    /** The gradient between the primitives of a unit. */
    GRADIENT
  }

  private static final Reserve<Class<Scratch>, Scratch> IDLE =
      new Reserve<>(1, key -> new Scratch());

  private final stream stream = new stream(OneDnn.engine());
  private final Map<Integer, ChannelTiles> tiles = new HashMap<>();
  private final Map<Use, BytePointer> buffers = new EnumMap<>(Use.class);

  /** One that nobody else uses, until it is given back. */
  static Scratch borrow() {
    return IDLE.borrow(Scratch.class);
  }

  /** Lets others use it. */
  void giveBack() {
    IDLE.giveBack(Scratch.class, this);
  }

  /** Closes all that nobody is using. */
  static void releaseIdle() {
    IDLE.clear();
  }

  /** Tiles for pixels of so many channels. */
  ChannelTiles tiles(int channels) {
    return tiles.computeIfAbsent(channels, ChannelTiles::new);
  }

  stream stream() {
    return stream;
  }

  /** At least so many bytes, aligned to a cache line. */
  Pointer memory(Use use, long bytes) {
    var buffer = buffers.get(use);
    if (buffer == null || buffer.capacity() < bytes + ALIGNMENT) {
      if (buffer != null) {
        buffers.remove(use);
        buffer.close();
      }
      buffer = new BytePointer(bytes + ALIGNMENT);
      buffers.put(use, buffer);
    }
    return buffer.getPointer(-buffer.address() & (ALIGNMENT - 1));
  }

  @Override
  public void close() {
    buffers.values().forEach(Pointer::close);
    buffers.clear();
    stream.close();
  }
}
