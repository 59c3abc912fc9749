package dev.expanse.jobs.averaging;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * How the workers' values are averaged: each worker cuts its own into slices, one task sums one
 * slice of all workers, and the driver is sent a single copy. Sums are taken in the workers' order,
 * in double precision, so that the average is the same whichever worker is done first.
 *
 * @param length how many values there are
 * @param count how many slices they are cut into
 */
record Slices(int length, int count) implements Serializable {
  /**
   * A slice is at least so long: below that, tasks cost more than they save. Of many workers a
   * longer slice would come to hundreds of megabytes in the task that sums it.
   */
  private static final int SHORTEST = 1 << 16;

  /**
   * A worker's share of a slice.
   *
   * @param report what the worker tells, in the first slice only
   * @param bytes its values, little-endian floats; none if it has seen no image
   */
  record Part(int worker, long images, WorkerReport report, byte[] bytes) implements Serializable {}

  /** The average of a slice. */
  record Average(int slice, byte[] bytes, List<WorkerReport> reports) implements Serializable {}

  /** As many slices as there are workers, if the values are worth it. */
  static Slices of(int length, int workers) {
    return new Slices(length, Math.max(1, Math.min(workers, length / SHORTEST)));
  }

  /** The shares of a worker, in the slices' order. */
  List<Part> cut(WorkerReport report, float[] values) {
    var parts = new ArrayList<Part>(count);
    for (int slice = 0; slice < count; slice++) {
      int from = Math.min(values.length, start(slice));
      int to = Math.min(values.length, start(slice + 1));
      var bytes = buffer(to - from);
      bytes.asFloatBuffer().put(values, from, to - from);
      parts.add(
          new Part(report.worker(), report.images(), slice == 0 ? report : null, bytes.array()));
    }
    return parts;
  }

  /** Averages the shares of all workers in a slice, weighted by the images that each has seen. */
  static Average average(int slice, List<Part> shares) {
    var parts = new ArrayList<>(shares);
    parts.sort(Comparator.comparingInt(Part::worker));
    double[] sums = null;
    long images = 0;
    var reports = new ArrayList<WorkerReport>();
    for (var part : parts) {
      if (part.report() != null) {
        reports.add(part.report());
      }
      if (part.images() > 0) {
        var values = ByteBuffer.wrap(part.bytes()).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        sums = sums == null ? zeros(values.remaining()) : sums;
        for (int i = 0; i < sums.length; i++) {
          sums[i] += (double) part.images() * values.get(i);
        }
        images += part.images();
      }
    }
    return new Average(slice, divided(sums == null ? new double[0] : sums, images), reports);
  }

  /** Negative ones, to which anything can be added without a change: -0 + -0 is -0, 0 + -0 not. */
  private static double[] zeros(int length) {
    var zeros = new double[length];
    Arrays.fill(zeros, -0.0);
    return zeros;
  }

  private static byte[] divided(double[] sums, long images) {
    var bytes = buffer(sums.length);
    var averages = bytes.asFloatBuffer();
    for (int i = 0; i < sums.length; i++) {
      averages.put(i, (float) (sums[i] / images));
    }
    return bytes.array();
  }

  /** Puts the averages of all slices together. */
  float[] join(List<Average> averages) {
    var values = new float[length];
    for (var average : averages) {
      int start = start(average.slice());
      ByteBuffer.wrap(average.bytes())
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(values, start, start(average.slice() + 1) - start);
    }
    return values;
  }

  private int start(int slice) {
    return (int) ((long) length * slice / count);
  }

  private static ByteBuffer buffer(int floats) {
    return ByteBuffer.allocate(floats * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }
}
