package dev.expanse.core.onednn;

import dev.expanse.core.onednn.ArenaPlan.Block;
import dev.expanse.core.onednn.InferenceKernel.Activation;
import dev.expanse.core.onednn.InferenceValue.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where in the arena the values and scratchpads of all kernels lie. Neighbouring kernels that take
 * equally many images in a chunk are a segment, which runs for some images after the others: a
 * value that stays within one segment has room for those images only.
 */
final class InferenceBuffers {
  private final InferenceParts parts;
  private final int[] segmentEnds;
  private final Map<InferenceValue, Buffer> buffers = new HashMap<>();
  private final long[] scratchpads;
  private long bytes;

  /** One or more values, of which each takes the place of the one before. */
  private static final class Buffer {
    final int first;
    int last;
    boolean whole;
    long offset;

    Buffer(int first) {
      this.first = first;
    }
  }

  private InferenceBuffers(int kernels, InferenceParts parts) {
    this.parts = parts;
    this.segmentEnds = new int[kernels];
    this.scratchpads = new long[kernels];
  }

  static InferenceBuffers of(List<InferenceKernel> kernels, InferenceParts parts, int batch) {
    var buffers = new InferenceBuffers(kernels.size(), parts);
    buffers.findSegments(kernels);
    buffers.findLiveness(kernels);
    buffers.place(kernels, batch);
    return buffers;
  }

  private void findSegments(List<InferenceKernel> kernels) {
    int end = kernels.size();
    for (int i = kernels.size() - 1; i >= 0; i--) {
      if (i + 1 < kernels.size()
          && kernels.get(i).images().chunk() != kernels.get(i + 1).images().chunk()) {
        end = i + 1;
      }
      segmentEnds[i] = end;
    }
  }

  private void findLiveness(List<InferenceKernel> kernels) {
    for (int i = 0; i < kernels.size(); i++) {
      int index = i;
      var overwritten = kernels.get(i).overwritten().map(parts::root).map(buffers::get);
      for (var argument : kernels.get(i).arguments()) {
        if (argument instanceof Activation activation
            && activation.value().place() == Place.ARENA) {
          var buffer =
              buffers.computeIfAbsent(
                  parts.root(activation.value()),
                  value -> overwritten.orElseGet(() -> new Buffer(index)));
          buffer.last = i;
          buffer.whole = segmentEnds[buffer.first] != segmentEnds[i];
        }
      }
    }
  }

  private void place(List<InferenceKernel> kernels, int batch) {
    var blocks = new ArrayList<Block>();
    var order = new ArrayList<Buffer>();
    var sizes = new HashMap<Buffer, Long>();
    buffers.forEach((value, buffer) -> sizes.put(buffer, value.bytesOfImage()));
    for (var buffer : sizes.keySet()) {
      int images = buffer.whole ? batch : kernels.get(buffer.first).images().chunk();
      int from = buffer.whole ? segmentStart(buffer.first) : buffer.first;
      int to = buffer.whole ? segmentEnds[buffer.last] - 1 : buffer.last;
      order.add(buffer);
      blocks.add(new Block(Math.multiplyExact(images, sizes.get(buffer)), from, to));
    }
    for (int i = 0; i < kernels.size(); i++) {
      blocks.add(new Block(kernels.get(i).scratchpadBytes(), i, i));
    }
    var plan = ArenaPlan.of(blocks);
    for (int i = 0; i < order.size(); i++) {
      order.get(i).offset = plan.offsets().get(i);
    }
    for (int i = 0; i < kernels.size(); i++) {
      scratchpads[i] = plan.offsets().get(order.size() + i);
    }
    bytes = plan.bytes();
  }

  private int segmentStart(int index) {
    int start = index;
    while (start > 0 && segmentEnds[start - 1] == segmentEnds[index]) {
      start--;
    }
    return start;
  }

  /** The kernel behind the segment that {@code index} is in. */
  int endOfSegment(int index) {
    return segmentEnds[index];
  }

  /**
   * Where a value begins for an image and those computed with it.
   *
   * @param first the first image of the chunk
   * @param image the image's number in the chunk
   */
  long offset(InferenceValue value, int first, int image) {
    var root = parts.root(value);
    var buffer = buffers.get(root);
    int number = buffer.whole ? first + image : image;
    return buffer.offset + number * root.bytesOfImage() + parts.offset(value);
  }

  /** Where a kernel's scratchpad begins. */
  long scratchpad(int index) {
    return scratchpads[index];
  }

  /** Bytes of the arena. */
  long bytes() {
    return bytes;
  }
}
