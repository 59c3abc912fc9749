package dev.expanse.core.image.jpeg;

/**
 * Gives rows of a colour component at the image's resolution: libjpeg's "fancy upsampling" ({@code
 * jdsample.c}), which weighs the nearer sample 3/4 and the farther one 1/4 in each direction.
 */
final class ChromaRows {

  /** Of components as narrow as this libjpeg repeats the samples instead. */
  private static final int NARROW = 2;

  private final Plane plane;
  private final int across;
  private final int down;
  private final int firstSample;
  private final int lastSample;
  private final int[] sums;
  private final byte[] row;

  /** The columns from {@code left} on, {@code width} of them. */
  ChromaRows(Plane plane, int across, int down, int left, int width) {
    this.plane = plane;
    this.across = across;
    this.down = down;
    this.firstSample = left / 2;
    this.lastSample = (left + width - 1) / 2;
    this.sums = new int[lastSample - firstSample + 3];
    this.row = new byte[2 * (lastSample - firstSample + 1)];
  }

  /** Where in an array of {@link #samples} the leftmost column is. */
  int start(int left, int y) {
    return across == 1 ? plane.index(left, y) : left - 2 * firstSample;
  }

  /** The samples of row {@code y}, valid until the next call. */
  byte[] samples(int y) {
    if (across == 1) {
      return plane.samples();
    }
    if (plane.width() <= NARROW) {
      repeat(y / down);
    } else if (down == 1) {
      sum(y, y, 1, 0);
      interpolate(1, 2, 2);
    } else {
      int near = y / 2;
      int far = y % 2 == 0 ? Math.max(near - 1, 0) : Math.min(near + 1, plane.height() - 1);
      sum(near, far, 3, 1);
      interpolate(8, 7, 4);
    }
    return row;
  }

  private void repeat(int y) {
    for (int x = firstSample; x <= lastSample; x++) {
      byte sample = plane.samples()[plane.index(x, y)];
      row[2 * (x - firstSample)] = sample;
      row[2 * (x - firstSample) + 1] = sample;
    }
  }

  /** Adds up two rows, one more sample to the left and to the right, or the edge's again. */
  private void sum(int near, int far, int nearWeight, int farWeight) {
    byte[] samples = plane.samples();
    int nearStart = plane.index(firstSample, near);
    int farStart = plane.index(firstSample, far);
    int from = firstSample > 0 ? -1 : 0;
    int to = lastSample - firstSample + (lastSample < plane.width() - 1 ? 1 : 0);
    for (int i = from; i <= to; i++) {
      sums[i + 1] =
          (samples[nearStart + i] & 0xff) * nearWeight + (samples[farStart + i] & 0xff) * farWeight;
    }
    if (from == 0) {
      sums[0] = sums[1];
    }
    if (to == lastSample - firstSample) {
      sums[to + 2] = sums[to + 1];
    }
  }

  private void interpolate(int leftBias, int rightBias, int shift) {
    for (int i = 1; i < sums.length - 1; i++) {
      int three = 3 * sums[i];
      row[2 * i - 2] = (byte) ((three + sums[i - 1] + leftBias) >> shift);
      row[2 * i - 1] = (byte) ((three + sums[i + 1] + rightBias) >> shift);
    }
  }
}
