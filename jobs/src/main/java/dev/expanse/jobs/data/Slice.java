package dev.expanse.jobs.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Images of a row group that lie side by side.
 *
 * @param group the row group
 * @param from the first row, from 0
 * @param to the row after the last one
 */
public record Slice(RowGroup group, int from, int to) implements Serializable {
  /** How many images it has. */
  public int images() {
    return to - from;
  }

  /**
   * Deals row groups, in their order, to so many parts: all images once, and as many to each part
   * as to any other, or one more.
   */
  public static List<List<Slice>> deal(List<RowGroup> groups, int parts) {
    long images = groups.stream().mapToLong(RowGroup::images).sum();
    return deal(
        groups,
        IntStream.range(0, parts)
            .mapToLong(part -> share(images, parts, part + 1) - share(images, parts, part))
            .toArray());
  }

  /** Deals row groups, in their order, to parts of so many images, which all have between them. */
  public static List<List<Slice>> deal(List<RowGroup> groups, long[] images) {
    var dealt = new ArrayList<List<Slice>>(images.length);
    int next = 0;
    int row = 0;
    for (long part : images) {
      var slices = new ArrayList<Slice>();
      long left = part;
      while (left > 0) {
        var group = groups.get(next);
        int to = (int) Math.min(group.images(), row + left);
        if (to > row) {
          slices.add(new Slice(group, row, to));
        }
        left -= to - row;
        row = to;
        if (row == group.images()) {
          next++;
          row = 0;
        }
      }
      dealt.add(List.copyOf(slices));
    }
    return dealt;
  }

  /**
   * How many of {@code total} the first {@code part} of {@code parts} equal parts have between
   * them.
   */
  public static long share(long total, int parts, int part) {
    return Math.multiplyExact(total, (long) part) / parts;
  }
}
