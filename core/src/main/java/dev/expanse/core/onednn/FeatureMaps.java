package dev.expanse.core.onednn;

import dev.expanse.core.network.Operation.Activation;
import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What is computed of activations without any weights, forward and backward, on arrays of floats in
 * row-major order whose last dimension is the channels, {@code [N, H, W, C]} or {@code [N, C]}. All
 * throw {@code IllegalArgumentException} if an array is not one of these or not of its length, and
 * {@code IllegalStateException} if oneDNN is unavailable. Calls are computed by the {@link Team}
 * that the calling thread has asked for.
 */
public final class FeatureMaps {
  /** Values of a cache line. */
  private static final long LINE = 16;

  /** Below so many values a thread, to meet takes longer than to compute. */
  private static final long WORTHWHILE = 1 << 15;

  private FeatureMaps() {}

  /** Computes {@code y = function(x)}. */
  public static void activate(Activation.Function function, INDArray x, INDArray y) {
    elementwise(Elementwise.Kind.ACTIVATION, Optional.of(function), x, x, y);
  }

  /** Computes the gradient before an activation from its output {@code y} and that one's. */
  public static void activationGradient(
      Activation.Function function, INDArray y, INDArray dy, INDArray dx) {
    elementwise(Elementwise.Kind.GRADIENT, Optional.of(function), y, dy, dx);
  }

  /** Computes {@code y = function(a + b)}, or the sum itself where there is no function. */
  public static void sum(
      Optional<Activation.Function> function, INDArray a, INDArray b, INDArray y) {
    elementwise(Elementwise.Kind.SUM, function, a, b, y);
  }

  private static void elementwise(
      Elementwise.Kind kind,
      Optional<Activation.Function> function,
      INDArray a,
      INDArray b,
      INDArray c) {
    long length = c.length();
    var aAt = RowMajor.address("first input", a, length);
    var bAt = RowMajor.address("second input", b, length);
    var cAt = RowMajor.address("output", c, length);
    inParts(
        length,
        LINE,
        length,
        (first, count, scratch) ->
            Elementwise.IDLE.with(
                new Elementwise.Key(kind, count, function),
                primitive ->
                    primitive.run(at(aAt, first), at(bAt, first), at(cAt, first), scratch)));
    Reference.reachabilityFence(a);
    Reference.reachabilityFence(b);
    Reference.reachabilityFence(c);
  }

  /** Copies a map. */
  public static void copy(INDArray from, INDArray to) {
    long length = to.length();
    Pointer.memcpy(
        RowMajor.address("output", to, length),
        RowMajor.address("input", from, length),
        length * Float.BYTES);
    Reference.reachabilityFence(from);
    Reference.reachabilityFence(to);
  }

  /**
   * Copies {@code count} channels of each pixel, from the channel {@code first} of one map to the
   * channel {@code at} of another.
   */
  public static void copyChannels(INDArray from, long first, INDArray to, long at, long count) {
    long fromChannels = channels(from);
    long toChannels = channels(to);
    long pixels = to.length() / toChannels;
    requireChannels(first, count, fromChannels);
    requireChannels(at, count, toChannels);
    var fromAt = RowMajor.address("input", from, pixels * fromChannels);
    var toAt = RowMajor.address("output", to, pixels * toChannels);
    inParts(
        pixels,
        1,
        pixels * count,
        (pixel, some, scratch) ->
            StridedCopy.IDLE.with(
                StridedCopy.Key.channels(some, count, fromChannels, toChannels),
                copy ->
                    copy.run(
                        at(fromAt, pixel * fromChannels + first),
                        at(toAt, pixel * toChannels + at),
                        scratch)));
    Reference.reachabilityFence(from);
    Reference.reachabilityFence(to);
  }

  private static void requireChannels(long first, long count, long channels) {
    if (first < 0 || count < 1 || first + count > channels) {
      throw new IllegalArgumentException(
          String.format("Cannot copy %d channels from %d on of %d", count, first, channels));
    }
  }

  /**
   * Deals the channels of each group out: with {@code g} groups of {@code n} channels, output
   * channel {@code i * g + j} is channel {@code i} of group {@code j}. Dealt out again from {@code
   * n} groups, they are as they were.
   */
  public static void deal(INDArray from, INDArray to, long groups) {
    long channels = channels(from);
    if (groups < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(
          String.format("Cannot deal out %d channels of %d groups", channels, groups));
    }
    long pixels = from.length() / channels;
    var fromAt = RowMajor.address("input", from, pixels * channels);
    var toAt = RowMajor.address("output", to, pixels * channels);
    inParts(
        pixels,
        1,
        pixels * channels,
        (pixel, some, scratch) ->
            StridedCopy.IDLE.with(
                StridedCopy.Key.deal(some, channels, groups),
                copy ->
                    copy.run(at(fromAt, pixel * channels), at(toAt, pixel * channels), scratch)));
    Reference.reachabilityFence(from);
    Reference.reachabilityFence(to);
  }

  /**
   * Multiplies each channel of each image by its gate.
   *
   * @param x {@code [N, H, W, C]}
   * @param gate one value for each channel of each image
   * @param y takes the products
   */
  public static void scale(INDArray x, INDArray gate, INDArray y) {
    gated(
        x,
        gate,
        y,
        (tiles, values, gates, products) -> {
          var factors = new float[gates.capacity()];
          gates.get(0, factors);
          tiles.scale(values, factors, products);
        });
  }

  /**
   * The gradient of the gate: for each channel of each image the sum of {@code x dy}.
   *
   * @param dGate one value for each channel of each image, is overwritten
   */
  public static void gateGradient(INDArray x, INDArray dy, INDArray dGate) {
    gated(
        x,
        dGate,
        dy,
        (tiles, values, gates, dValues) -> {
          tiles.beginGradients(new float[gates.capacity()]);
          tiles.addGradients(values, dValues);
          var products = tiles.products();
          for (int c = 0; c < products.length; c++) {
            gates.put(c, (float) products[c]);
          }
        });
  }

  private interface ImageTask {
    void run(ChannelTiles tiles, FloatBuffer x, FloatBuffer gate, FloatBuffer y);
  }

  private static void gated(INDArray x, INDArray gate, INDArray y, ImageTask task) {
    long images = x.size(0);
    int channels = Math.toIntExact(channels(x));
    long values = x.length() / images;
    var xAt = RowMajor.address("input", x, images * values);
    var yAt = RowMajor.address("output", y, images * values);
    RowMajor.address("gate", gate, images * channels);
    var gates = RowMajor.values(gate);
    inParts(
        images,
        1,
        images * values,
        (first, count, scratch) -> {
          for (long image = first; image < first + count; image++) {
            task.run(
                scratch.tiles(channels),
                values(xAt, image * values, values),
                gates.slice(Math.toIntExact(image * channels), channels),
                values(yAt, image * values, values));
          }
        });
    Reference.reachabilityFence(x);
    Reference.reachabilityFence(gate);
    Reference.reachabilityFence(y);
  }

  /**
   * How many floats {@link #pool} needs to remember where the maxima are; 0 for means.
   *
   * @param batch images at once
   */
  public static long pooledFrom(PoolShape shape, int batch) {
    if (!shape.maximum()) {
      return 0;
    }
    long bytes = shape.output().size() * batch * Integer.BYTES; // at most, and alike in each part
    return bytes / Float.BYTES;
  }

  /**
   * Pools.
   *
   * @param x {@code [N, H, W, C]}
   * @param from takes where the maxima are, {@link #pooledFrom}; empty for means
   * @param y takes the output
   */
  public static void pool(PoolShape shape, INDArray x, Optional<INDArray> from, INDArray y) {
    pool(shape, false, x, from, y);
  }

  /**
   * Takes a gradient back through a pool.
   *
   * @param dy the output's gradient
   * @param from what {@link #pool} has written
   * @param dx takes the input's gradient
   */
  public static void poolGradient(
      PoolShape shape, INDArray dy, Optional<INDArray> from, INDArray dx) {
    pool(shape, true, dx, from, dy);
  }

  private static void pool(
      PoolShape shape, boolean backward, INDArray x, Optional<INDArray> from, INDArray y) {
    int batch = Math.toIntExact(x.size(0));
    long input = shape.input().size();
    long output = shape.output().size();
    var xAt = RowMajor.address("input", x, batch * input);
    var yAt = RowMajor.address("output", y, batch * output);
    var fromAt =
        from.map(kept -> RowMajor.address("memory", kept, pooledFrom(shape, batch))).orElse(null);
    inParts(
        batch,
        1,
        batch * input,
        (first, count, scratch) ->
            Pooling.IDLE.with(
                new Pooling.Key(shape, Math.toIntExact(count), backward),
                pooling ->
                    pooling.run(
                        at(xAt, first * input),
                        at(yAt, first * output),
                        fromAt == null ? null : at(fromAt, first * output),
                        scratch)));
    Reference.reachabilityFence(x);
    Reference.reachabilityFence(from);
    Reference.reachabilityFence(y);
  }

  private interface PartTask {
    void run(long first, long count, Scratch scratch);
  }

  /** Runs a task for parts of {@code all}, whose firsts are multiples of {@code unit}. */
  private static void inParts(long all, long unit, long values, PartTask task) {
    long units = (all + unit - 1) / unit;
    int parts = (int) Math.max(1, Math.min(Math.min(Team.size(), units), values / WORTHWHILE));
    OneDnn.onOneThread(
        () ->
            Team.run(
                parts,
                i -> {
                  long first = units * i / parts * unit;
                  long end = Math.min(all, units * (i + 1) / parts * unit);
                  var scratch = Scratch.borrow();
                  try {
                    task.run(first, end - first, scratch);
                  } finally {
                    scratch.giveBack();
                  }
                }));
  }

  private static long channels(INDArray map) {
    return map.size(map.rank() - 1);
  }

  private static Pointer at(Pointer pointer, long values) {
    return new BytePointer(pointer).getPointer(values * Float.BYTES);
  }

  private static FloatBuffer values(Pointer pointer, long first, long count) {
    return new FloatPointer(at(pointer, first)).capacity(count).asBuffer();
  }
}
