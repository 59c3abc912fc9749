package dev.expanse.core.image.jpeg;

import java.util.Arrays;

/** Reads a scan from its beginning to the last block that some plane has room for. */
final class ScanReader {

  private final Header header;
  private final Component[] components;
  private final Plane[] planes;
  private final EntropyReader entropy;
  private final int[] means;
  private final int[] block = new int[64];

  ScanReader(byte[] file, Header header, Plane[] planes) {
    this.header = header;
    this.components = header.components().toArray(new Component[0]);
    this.planes = planes;
    this.entropy = new EntropyReader(new EntropyData(file, header.data()));
    this.means = new int[planes.length];
  }

  /** Fills the planes. */
  void read() throws UnsupportedJpegException {
    int across = header.mcusAcross();
    int rows = 0;
    int columns = 0;
    for (int i = 0; i < planes.length; i++) {
      rows = Math.max(rows, ceilDiv(planes[i].endRow(), components[i].down()));
      columns = Math.max(columns, ceilDiv(planes[i].endColumn(), components[i].across()));
    }
    int mcus = (rows - 1) * across + columns;
    int untilRestart = header.restartInterval();
    int restarts = 0;
    for (int mcu = 0; mcu < mcus; mcu++) {
      if (header.restartInterval() > 0 && untilRestart-- == 0) {
        entropy.restart(restarts++ & 7);
        Arrays.fill(means, 0);
        untilRestart = header.restartInterval() - 1;
      }
      readMcu(mcu % across, mcu / across);
    }
    if (mcus == across * header.mcusDown()) {
      entropy.requireEnd();
    } else {
      entropy.requireNothingMissing();
    }
  }

  private static int ceilDiv(int a, int b) {
    return (a + b - 1) / b;
  }

  private void readMcu(int mcuColumn, int mcuRow) throws UnsupportedJpegException {
    for (int i = 0; i < components.length; i++) {
      Component component = components[i];
      for (int v = 0; v < component.down(); v++) {
        for (int h = 0; h < component.across(); h++) {
          readBlock(i, mcuColumn * component.across() + h, mcuRow * component.down() + v);
        }
      }
    }
  }

  private void readBlock(int i, int column, int row) throws UnsupportedJpegException {
    Component component = components[i];
    Plane plane = planes[i];
    means[i] += entropy.difference(component.dc());
    if (!plane.hasRow(row) || !plane.hasColumn(column)) {
      entropy.skipCoefficients(component.ac());
      return;
    }
    int occupied = entropy.coefficients(component.ac(), component.steps(), block);
    int mean = means[i] * component.steps()[0];
    int at = plane.blockStart(column, row);
    if (occupied == 0) {
      InverseDct.uniform(mean, plane.samples(), at, plane.stride());
    } else {
      block[0] = mean;
      InverseDct.transform(block, occupied, plane.samples(), at, plane.stride());
      Arrays.fill(block, 0);
    }
  }
}
