package dev.expanse.core.onednn;

import dev.expanse.core.onednn.ChannelTiles.Moments;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * One thread's part of a unit's batch: some of its images, in scratch memory of its own. Addresses
 * given to it are those of whole arrays.
 */
final class UnitPart implements AutoCloseable {
  /** Bytes of pixels at once: half of a second-level cache holds them twice. */
  private static final long CHUNK = 1 << 18;

  /** Kinds of primitives: about a dozen networks of shapes of their own. */
  static final int KEPT = 2048;

  private static final Reserve<ConvolutionKey, Convolution> CONVOLUTIONS =
      new Reserve<>(KEPT, key -> Convolution.of(key.shape(), key.pass()));
  private static final Reserve<NormActivation.Key, NormActivation> NORMS =
      new Reserve<>(KEPT, NormActivation::of);
  private static final Reserve<UnitShape, NormGradient> NORM_GRADIENTS =
      new Reserve<>(KEPT, NormGradient::of);

  private record ConvolutionKey(UnitShape shape, Convolution.Pass pass) {}

  private final UnitShape shape;
  private final long firstInput;
  private final long firstOutput;
  private final long pixels;
  private final Scratch scratch;
  private final ChannelTiles tiles;
  private final Pointer ownGradient;
  private Convolution weightGradient;

  /**
   * The part from image {@code first} on, which is as {@code shape} says.
   *
   * @param gradient where the whole batch's gradient before the norm or after the convolution is to
   *     be; in scratch memory if null
   */
  UnitPart(UnitShape shape, long first, Pointer gradient) {
    this.shape = shape;
    this.ownGradient = gradient;
    this.firstInput = first * shape.inputSize() * Float.BYTES;
    this.firstOutput = first * shape.outputPixels() * shape.outputs() * Float.BYTES;
    this.pixels = shape.batch() * shape.outputPixels();
    this.scratch = Scratch.borrow();
    this.tiles = scratch.tiles(shape.outputs());
  }

  /** Convolves. */
  void convolve(Pointer x, Pointer weights, Pointer z) {
    CONVOLUTIONS.with(
        key(Convolution.Pass.FORWARD),
        forward -> forward.run(at(x, firstInput), at(z, firstOutput), weights, scratch));
  }

  /** Convolves, adds the bias, if there is one, and activates, if there is a function. */
  void convolve(Pointer x, Pointer weights, Pointer bias, Pointer y) {
    var pass =
        shape.activation().isPresent() ? Convolution.Pass.ACTIVATED : Convolution.Pass.FORWARD;
    CONVOLUTIONS.with(
        key(pass),
        forward -> forward.run(at(x, firstInput), at(y, firstOutput), weights, bias, scratch));
  }

  /** The moments of the part's pixels of {@code z}. */
  Moments moments(Pointer z) {
    tiles.beginMoments(values(z, 0, 1));
    for (long first = 0; first < pixels; first += chunk()) {
      tiles.addMoments(values(z, first, chunkAt(first)));
    }
    return tiles.moments(pixels);
  }

  /** Normalises by given statistics, and activates; {@code y} may be {@code z}. */
  void normalize(NormActivation.Norm norm, Pointer z, Pointer y) {
    eachChunk(
        (primitives, first, count) ->
            primitives.run(norm, pixel(z, first), pixel(y, first), scratch));
  }

  /**
   * Computes the gradient before the activation, at {@link #gradient()}.
   *
   * @param sums whether also its sums, by {@code mean}, the batch's, of each channel
   */
  void activationGradient(Pointer z, Pointer y, Pointer dy, float[] mean, boolean sums) {
    var du = gradient();
    if (sums) {
      tiles.beginGradients(mean);
    }
    for (long first = 0; first < pixels; first += chunk()) {
      long count = chunkAt(first);
      var target = at(du, first * shape.outputs() * Float.BYTES);
      activationGradient(pixel(y, first), pixel(dy, first), target, count * shape.outputs());
      if (sums) {
        tiles.addGradients(values(z, first, count), floats(target, count));
      }
    }
  }

  private void activationGradient(Pointer y, Pointer dy, Pointer du, long values) {
    if (shape.activation().isPresent()) {
      Elementwise.IDLE.with(
          new Elementwise.Key(Elementwise.Kind.GRADIENT, values, shape.activation()),
          primitive -> primitive.run(y, dy, du, scratch));
    } else {
      Pointer.memcpy(du, dy, values * Float.BYTES);
    }
  }

  /** The sums of the gradient, {@code [channels]}. */
  double[] sums() {
    return tiles.sums();
  }

  /** The sums of its products with {@code z - mean}, {@code [channels]}. */
  double[] products() {
    return tiles.products();
  }

  /** Goes through the norm, to {@link #gradient()}; this part must be the whole batch. */
  void normGradient(NormActivation.Norm norm, Pointer z, Pointer du, Pointer dGammaBeta) {
    NORM_GRADIENTS.with(
        shape,
        primitives ->
            primitives.run(norm, z, du == null ? gradient() : du, gradient(), dGammaBeta, scratch));
  }

  /** Goes through the norm, at {@link #gradient()}, by coefficients of the whole batch. */
  void normGradient(Pointer z, float[] ofDu, float[] ofZ, float[] constant) {
    var du = gradient();
    for (long first = 0; first < pixels; first += chunk()) {
      long count = chunkAt(first);
      var target = at(du, first * shape.outputs() * Float.BYTES);
      tiles.combine(values(z, first, count), floats(target, count), ofDu, ofZ, constant);
    }
  }

  /** Computes the part's share of the gradients of weights and bias, which are then stored. */
  void weightGradient(Pointer x) {
    weightGradient = CONVOLUTIONS.borrow(key(Convolution.Pass.WEIGHT_GRADIENT));
    weightGradient.gradient(at(x, firstInput), gradient(), scratch);
  }

  /** Writes its share of the weights' gradient, or adds it to what is there. */
  void store(Pointer dWeights, boolean add) {
    weightGradient.store(dWeights, add, scratch);
  }

  /** Writes its share of the bias's gradient, or adds it to what is there. */
  void storeBias(FloatBuffer dBias, boolean add) {
    weightGradient.storeBias(dBias, add);
  }

  /** Computes the input's gradient. */
  void inputGradient(Pointer dx, Pointer weights) {
    CONVOLUTIONS.with(
        key(Convolution.Pass.INPUT_GRADIENT),
        gradient -> gradient.run(at(dx, firstInput), gradient(), weights, scratch));
  }

  /** Gives back what it borrowed. */
  @Override
  public void close() {
    if (weightGradient != null) {
      CONVOLUTIONS.giveBack(key(Convolution.Pass.WEIGHT_GRADIENT), weightGradient);
    }
    scratch.giveBack();
  }

  /** Closes everything that no call is using. */
  static void releaseIdle() {
    CONVOLUTIONS.clear();
    NORMS.clear();
    NORM_GRADIENTS.clear();
  }

  private interface ChunkTask {
    void run(NormActivation primitives, long first, long count);
  }

  private void eachChunk(ChunkTask task) {
    long rest = pixels % chunk();
    if (pixels >= chunk()) {
      NORMS.with(
          key(chunk()),
          primitives -> {
            for (long first = 0; first + chunk() <= pixels; first += chunk()) {
              task.run(primitives, first, chunk());
            }
          });
    }
    if (rest > 0) {
      NORMS.with(key(rest), primitives -> task.run(primitives, pixels - rest, rest));
    }
  }

  private ConvolutionKey key(Convolution.Pass pass) {
    return new ConvolutionKey(shape, pass);
  }

  private NormActivation.Key key(long count) {
    return new NormActivation.Key(count, shape.outputs(), shape.activation(), shape.epsilon());
  }

  private long chunk() {
    return Math.max(1, CHUNK / ((long) shape.outputs() * Float.BYTES));
  }

  private long chunkAt(long first) {
    return Math.min(chunk(), pixels - first);
  }

  /** The gradient before the norm, or after the convolution. */
  private Pointer gradient() {
    return ownGradient != null
        ? at(ownGradient, firstOutput)
        : scratch.memory(Scratch.Use.GRADIENT, pixels * shape.outputs() * Float.BYTES);
  }

  private Pointer pixel(Pointer output, long first) {
    return at(output, firstOutput + first * shape.outputs() * Float.BYTES);
  }

  private FloatBuffer values(Pointer output, long first, long count) {
    return floats(pixel(output, first), count);
  }

  private FloatBuffer floats(Pointer pointer, long count) {
    return new FloatPointer(pointer).capacity(count * shape.outputs()).asBuffer();
  }

  private static Pointer at(Pointer pointer, long bytes) {
    return new BytePointer(pointer).getPointer(bytes);
  }
}
