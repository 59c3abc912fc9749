package dev.expanse.core.onednn;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where in one piece of memory each of many blocks lies, so that blocks that live at the same time
 * never overlap.
 *
 * @param offsets the first byte of each block, a multiple of {@link #ALIGNMENT}
 * @param bytes size of the whole
 */
record ArenaPlan(List<Long> offsets, long bytes) {
  /** A cache line, which is also the widest vector. */
  static final long ALIGNMENT = 64;

  /**
   * A block and its liveness.
   *
   * @param bytes size
   * @param from the first step that writes or reads it
   * @param to the last one
   */
  record Block(long bytes, int from, int to) {
    private boolean meets(Block other) {
      return from <= other.to && other.from <= to;
    }

    private long aligned() {
      return Math.addExact(bytes, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
  }

  /** Places the largest block first, each into the smallest gap that it fits in. */
  static ArenaPlan of(List<Block> blocks) {
    var offsets = new long[blocks.size()];
    var placed = new ArrayList<Integer>();
    long bytes = 0;
    var bySize =
        IntStream.range(0, blocks.size())
            .boxed()
            .sorted(Comparator.comparingLong(i -> -blocks.get(i).bytes()))
            .toList();
    for (int index : bySize) {
      var block = blocks.get(index);
      var neighbours =
          placed.stream()
              .filter(other -> blocks.get(other).meets(block))
              .sorted(Comparator.comparingLong(other -> offsets[other]))
              .toList();
      offsets[index] = bestFit(block.aligned(), neighbours, blocks, offsets);
      placed.add(index);
      bytes = Math.max(bytes, Math.addExact(offsets[index], block.aligned()));
    }
    return new ArenaPlan(
        IntStream.range(0, offsets.length).mapToObj(i -> offsets[i]).toList(), bytes);
  }

  private static long bestFit(
      long bytes, List<Integer> neighbours, List<Block> blocks, long[] offsets) {
    long best = -1;
    long bestGap = Long.MAX_VALUE;
    long end = 0; // of the blocks looked at so far
    for (int neighbour : neighbours) {
      long gap = offsets[neighbour] - end;
      if (gap >= bytes && gap < bestGap) {
        best = end;
        bestGap = gap;
      }
      end = Math.max(end, offsets[neighbour] + blocks.get(neighbour).aligned());
    }
    return best >= 0 ? best : end;
  }
}
