package dev.expanse.core.onednn;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * What a batch norm needs of the pixels of an activation, channel by channel, where the batch is
 * computed in parts: oneDNN's own norm has no part of a batch. Values are copied, a tile at a time,
 * into arrays that stay in the first-level cache; loops over these become vector instructions. A
 * tile has whole pixels, so that its index tells the channel.
 */
final class ChannelTiles {
  private static final int TILE = 1024;

  private final int channels;
  private final int length;
  private final float[] z;
  private final float[] d;
  private final float[] a;
  private final float[] b;
  private final float[] c;
  private final double[] first;
  private final double[] second;

  ChannelTiles(int channels) {
    this.channels = channels;
    this.length = Math.max(1, TILE / channels) * channels;
    this.z = new float[length];
    this.d = new float[length];
    this.a = new float[length];
    this.b = new float[length];
    this.c = new float[length];
    this.first = new double[channels];
    this.second = new double[channels];
  }

  /**
   * The count, mean and sum of squared differences from the mean, of each channel.
   *
   * @param count how many pixels
   * @param mean {@code [channels]}
   * @param squares {@code [channels]}
   */
  record Moments(long count, double[] mean, double[] squares) {
    /** The moments of two sets of pixels together (Chan, Golub and LeVeque, 1979). */
    Moments with(Moments other) {
      long n = count + other.count;
      var means = new double[mean.length];
      var sums = new double[mean.length];
      for (int i = 0; i < mean.length; i++) {
        double difference = other.mean[i] - mean[i];
        means[i] = mean[i] + difference * other.count / n;
        sums[i] = squares[i] + other.squares[i] + difference * difference * count * other.count / n;
      }
      return new Moments(n, means, sums);
    }
  }

  /** Starts moments; {@code values} begin with a pixel near which others are expected. */
  void beginMoments(FloatBuffer values) {
    values.get(0, z, 0, channels); // sums of differences from it lose no digits
    repeat(z, c);
    begin();
  }

  /** Adds pixels {@code [pixels, channels]}. */
  void addMoments(FloatBuffer values) {
    int size = values.capacity();
    for (int at = 0; at < size; at += length) {
      int n = Math.min(length, size - at);
      values.get(at, z, 0, n);
      addMoments(z, c, a, b, n);
    }
    flush();
  }

  /** The moments of the pixels added, of which there are {@code pixels}. */
  Moments moments(long pixels) {
    var mean = new double[channels];
    var squares = new double[channels];
    for (int i = 0; i < channels; i++) {
      mean[i] = c[i] + first[i] / pixels;
      squares[i] = Math.max(0, second[i] - first[i] * first[i] / pixels);
    }
    return new Moments(pixels, mean, squares);
  }

  private static void addMoments(float[] z, float[] shift, float[] sum, float[] squares, int n) {
    for (int i = 0; i < n; i++) {
      float difference = z[i] - shift[i];
      sum[i] += difference;
      squares[i] += difference * difference;
    }
  }

  /** Starts sums of gradients; {@code mean} is the batch's, {@code [channels]}. */
  void beginGradients(float[] mean) {
    repeat(mean, c);
    begin();
  }

  /**
   * Adds gradients {@code du} and their products with {@code z - mean}, to sums of each channel.
   */
  void addGradients(FloatBuffer values, FloatBuffer du) {
    int size = values.capacity();
    for (int at = 0; at < size; at += length) {
      int n = Math.min(length, size - at);
      values.get(at, z, 0, n);
      du.get(at, d, 0, n);
      addProducts(z, d, c, a, b, n);
    }
    flush();
  }

  private static void addProducts(
      float[] z, float[] d, float[] mean, float[] sum, float[] products, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] += d[i];
      products[i] += d[i] * (z[i] - mean[i]);
    }
  }

  /** The sums of gradients so far, {@code [channels]}. */
  double[] sums() {
    return first.clone();
  }

  /** The sums of their products with {@code z - mean} so far, {@code [channels]}. */
  double[] products() {
    return second.clone();
  }

  /**
   * Replaces gradients {@code du} by {@code ofDu * du + ofZ * z + constant}, with a coefficient for
   * each channel.
   */
  void combine(FloatBuffer values, FloatBuffer du, float[] ofDu, float[] ofZ, float[] constant) {
    repeat(ofDu, a);
    repeat(ofZ, b);
    repeat(constant, c);
    int size = values.capacity();
    for (int at = 0; at < size; at += length) {
      int n = Math.min(length, size - at);
      values.get(at, z, 0, n);
      du.get(at, d, 0, n);
      combine(z, d, a, b, c, n);
      du.put(at, d, 0, n);
    }
  }

  private static void combine(float[] z, float[] d, float[] a, float[] b, float[] c, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = a[i] * d[i] + (b[i] * z[i] + c[i]);
    }
  }

  /** Writes each value times its channel's factor. */
  void scale(FloatBuffer values, float[] factors, FloatBuffer products) {
    repeat(factors, a);
    int size = values.capacity();
    for (int at = 0; at < size; at += length) {
      int n = Math.min(length, size - at);
      values.get(at, z, 0, n);
      scale(z, a, n);
      products.put(at, z, 0, n);
    }
  }

  private static void scale(float[] values, float[] factors, int n) {
    for (int i = 0; i < n; i++) {
      values[i] *= factors[i];
    }
  }

  private void repeat(float[] channel, float[] tile) {
    for (int at = 0; at < length; at += channels) {
      System.arraycopy(channel, 0, tile, at, channels);
    }
  }

  private void begin() {
    Arrays.fill(first, 0);
    Arrays.fill(second, 0);
    Arrays.fill(a, 0);
    Arrays.fill(b, 0);
  }

  private void flush() {
    for (int at = 0; at < length; at += channels) {
      for (int i = 0; i < channels; i++) {
        first[i] += a[at + i];
        second[i] += b[at + i];
      }
    }
    Arrays.fill(a, 0);
    Arrays.fill(b, 0);
  }
}
