package dev.expanse.core.onednn;

import java.util.function.Function;
import org.bytedeco.javacpp.Pointer;

/** The parts of a unit's batch, one for each thread of the team that has an image. */
final class UnitParts implements AutoCloseable {
  private final UnitPart[] parts;

  /** What is done with each part. */
  interface Task {
    void run(int index, UnitPart part);
  }

  /** Parts whose gradient before the norm or after the convolution is in scratch memory. */
  UnitParts(UnitShape shape) {
    this(shape, null);
  }

  /**
   * Parts with a gradient at a place of the caller's.
   *
   * @param gradient takes as many values as the output has; scratch memory if null
   */
  UnitParts(UnitShape shape, Pointer gradient) {
    int count = Math.min(Team.size(), shape.batch());
    parts = new UnitPart[count];
    int first = 0;
    for (int i = 0; i < count; i++) {
      int images = (shape.batch() - first) / (count - i);
      parts[i] = new UnitPart(shape.withBatch(images), first, gradient);
      first += images;
    }
  }

  int count() {
    return parts.length;
  }

  UnitPart get(int index) {
    return parts[index];
  }

  void run(Task task) {
    Team.run(parts.length, i -> task.run(i, parts[i]));
  }

  /** The sums over all parts. */
  double[] total(Function<UnitPart, double[]> sums) {
    var total = sums.apply(parts[0]);
    for (int i = 1; i < parts.length; i++) {
      var other = sums.apply(parts[i]);
      for (int c = 0; c < total.length; c++) {
        total[c] += other[c];
      }
    }
    return total;
  }

  @Override
  public void close() {
    for (var part : parts) {
      part.close();
    }
  }
}
