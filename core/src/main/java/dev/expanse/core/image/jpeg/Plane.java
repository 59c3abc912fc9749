package dev.expanse.core.image.jpeg;

/**
 * The samples of one component, of the blocks that a region needs.
 *
 * @param samples the samples, row by row, {@code 8 * blocksAcross} each
 * @param firstColumn the leftmost column of blocks that there is
 * @param firstRow the topmost row of blocks that there is
 * @param width how many samples wide the whole component is, blocks not filled up
 * @param height how many samples high the whole component is
 */
record Plane(
    byte[] samples,
    int firstColumn,
    int firstRow,
    int blocksAcross,
    int blocksDown,
    int width,
    int height) {

  /**
   * Room for the samples from {@code (left, top)} to {@code (right, bottom)}, the last exclusive.
   */
  static Plane of(int left, int top, int right, int bottom, int width, int height) {
    int firstColumn = left / 8;
    int firstRow = top / 8;
    int across = (right + 7) / 8 - firstColumn;
    int down = (bottom + 7) / 8 - firstRow;
    return new Plane(
        new byte[across * down * 64], firstColumn, firstRow, across, down, width, height);
  }

  boolean hasRow(int blockRow) {
    return blockRow >= firstRow && blockRow < firstRow + blocksDown;
  }

  boolean hasColumn(int blockColumn) {
    return blockColumn >= firstColumn && blockColumn < firstColumn + blocksAcross;
  }

  int endRow() {
    return firstRow + blocksDown;
  }

  int endColumn() {
    return firstColumn + blocksAcross;
  }

  int stride() {
    return blocksAcross * 8;
  }

  /** Where a block begins in {@link #samples}. */
  int blockStart(int column, int row) {
    return index((column) * 8, row * 8);
  }

  /** Where a sample is in {@link #samples}. */
  int index(int x, int y) {
    return (y - firstRow * 8) * stride() + x - firstColumn * 8;
  }
}
