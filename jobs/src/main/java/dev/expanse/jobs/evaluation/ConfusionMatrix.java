package dev.expanse.jobs.evaluation;

import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How many images of each class a network took for each class. Only the cells that are not zero are
 * kept, of which there are never more than images, so that the part of a split that a task counts
 * is small however many classes there are.
 */
public final class ConfusionMatrix implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int classes;
  private final Map<Long, Long> cells = new HashMap<>();

  /** No images yet. */
  ConfusionMatrix(int classes) {
    this.classes = classes;
  }

  /**
   * A cell that is not zero.
   *
   * @param label the class that the images are of
   * @param predicted the class that the network took them for
   * @param images how many
   */
  public record Cell(int label, int predicted, long images) {}

  void add(int label, int predicted) {
    add(new Cell(label, predicted, 1));
  }

  void add(ConfusionMatrix other) {
    other.cells().forEach(this::add);
  }

  private void add(Cell cell) {
    cells.merge(key(cell.label(), cell.predicted()), cell.images(), Long::sum);
  }

  /** How many images of the class {@code label} were taken for {@code predicted}. */
  public long images(int label, int predicted) {
    return cells.getOrDefault(key(label, predicted), 0L);
  }

  /** The cells that are not zero, in the order of the labels, then of what was predicted. */
  public List<Cell> cells() {
    return cells.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            cell ->
                new Cell(
                    (int) (cell.getKey() / classes),
                    (int) (cell.getKey() % classes),
                    cell.getValue()))
        .toList();
  }

  private long key(int label, int predicted) {
    return (long) label * classes + predicted;
  }
}
