package dev.expanse.core.onednn;

import java.util.List;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.Pointer;

/** A copy of values that lie apart, to where they lie apart in another way. */
final class StridedCopy extends Primitives {
  /** Those that no call is using. */
  static final Reserve<Key, StridedCopy> IDLE = new Reserve<>(UnitPart.KEPT, StridedCopy::of);

  private final memory from;
  private final memory to;
  private final Step step;

  /**
   * Of what.
   *
   * @param sizes how many values in each dimension
   * @param fromStrides values from one to the next in each dimension, where they are read
   * @param toStrides the same where they are written
   */
  record Key(List<Long> sizes, List<Long> fromStrides, List<Long> toStrides) {
    /** So many channels of each of so many pixels. */
    static Key channels(long pixels, long count, long fromChannels, long toChannels) {
      return new Key(List.of(pixels, count), List.of(fromChannels, 1L), List.of(toChannels, 1L));
    }

    /** Channels of pixels, dealt out from groups. */
    static Key deal(long pixels, long channels, long groups) {
      long each = channels / groups;
      return new Key(
          List.of(pixels, groups, each),
          List.of(channels, each, 1L),
          List.of(channels, 1L, groups));
    }
  }

  private StridedCopy(Key key) {
    from = argument(floats(key.sizes(), key.fromStrides()));
    to = argument(floats(key.sizes(), key.toStrides()));
    var description =
        new reorder.primitive_desc(
            engine, from.get_desc(), engine, to.get_desc(), attributes(), false);
    step =
        step(new reorder(description), description, dnnl.DNNL_ARG_FROM, from, dnnl.DNNL_ARG_TO, to);
  }

  private static memory.desc floats(List<Long> sizes, List<Long> strides) {
    return new memory.desc(array(sizes), memory.data_type.f32, array(strides), false);
  }

  private static long[] array(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  static StridedCopy of(Key key) {
    return make(() -> new StridedCopy(key));
  }

  /** Copies. */
  void run(Pointer fromAt, Pointer toAt, Scratch scratch) {
    from.set_data_handle(fromAt);
    to.set_data_handle(toAt);
    scratchpads(scratch, step);
    step.run(scratch);
  }
}
