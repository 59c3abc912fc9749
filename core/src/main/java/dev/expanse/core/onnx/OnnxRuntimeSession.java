package dev.expanse.core.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import dev.expanse.core.network.InitialWeights;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import dev.expanse.core.onnx.OnnxModel.Norms;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A model in ONNX Runtime, with all of its graph optimisations. It has one input and one output,
 * floats with a batch of any size in front, as {@link OnnxModel} writes them. An instance may be
 * used by one thread after another but not by two at once. It owns native memory until it is
 * closed.
 */
public final class OnnxRuntimeSession implements AutoCloseable {
  private final SessionOptions options;
  private final OrtSession session;
  private final Map<Integer, Batch> batches = new HashMap<>();
  private boolean closed;

  private OnnxRuntimeSession(SessionOptions options, OrtSession session) {
    this.options = options;
    this.session = session;
  }

  /** Makes ONNX Runtime's own session. */
  private interface Opening {
    OrtSession open(OrtEnvironment environment, SessionOptions options) throws OrtException;
  }

  /**
   * Opens a model.
   *
   * @param threads of a run, on the processor
   * @throws IllegalArgumentException if {@code threads} is below 1
   * @throws IllegalStateException if ONNX Runtime refuses the model or the device
   */
  public static OnnxRuntimeSession open(OnnxModel model, int threads, OnnxDevice device) {
    var bytes = model.bytes();
    return open(
        (environment, options) -> environment.createSession(bytes, options), threads, device);
  }

  /** Opens a file in the same way. */
  public static OnnxRuntimeSession open(Path file, int threads, OnnxDevice device) {
    var name = file.toString();
    return open(
        (environment, options) -> environment.createSession(name, options), threads, device);
  }

  private static OnnxRuntimeSession open(Opening opening, int threads, OnnxDevice device) {
    if (threads < 1) {
      throw new IllegalArgumentException("Cannot compute on " + threads + " threads");
    }
    var options = new SessionOptions();
    try {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1); // the operators of a query, one after another
      options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
      if (device == OnnxDevice.CUDA) {
        options.addCUDA();
      }
      return new OnnxRuntimeSession(
          options, opening.open(OrtEnvironment.getEnvironment(), options));
    } catch (OrtException e) {
      options.close();
      throw new IllegalStateException("ONNX Runtime cannot open the model: " + e.getMessage(), e);
    }
  }

  /**
   * Opens the smallest network there is.
   *
   * @throws IllegalStateException if ONNX Runtime refuses the device
   * @throws LinkageError if its natives do not load
   */
  static void tryOut(OnnxDevice device) {
    var builder = Network.forImages(1);
    builder.add("classifier", new Operation.Dense(1), builder.image());
    var network = builder.build();
    open(OnnxModel.of(network, InitialWeights.draw(network, 1), Norms.FOLDED), 1, device).close();
  }

  /** The version of ONNX Runtime. */
  public static String version() {
    return OrtEnvironment.getEnvironment().getVersion();
  }

  /** What the file says beside its graph, by label. */
  public Map<String, String> metadata() {
    try {
      return session.getMetadata().getCustomMetadata();
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  /**
   * What runs so many images at once; the same one for the same number, closed with the session.
   *
   * @throws IllegalArgumentException if {@code images} is below 1
   */
  public Batch batch(int images) {
    if (images < 1) {
      throw new IllegalArgumentException("Cannot compute " + images + " images");
    }
    return batches.computeIfAbsent(images, this::newBatch);
  }

  private Batch newBatch(int images) {
    try {
      var input = session.getInputInfo().values().iterator().next();
      var output = session.getOutputInfo().values().iterator().next();
      return new Batch(new Side(input, images), new Side(output, images));
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  private static IllegalStateException failed(OrtException e) {
    return new IllegalStateException("ONNX Runtime failed: " + e.getMessage(), e);
  }

  /** The input or the output of a run: a buffer that ONNX Runtime reads or writes in place. */
  private static final class Side {
    private final String name;
    private final FloatBuffer values;
    private final OnnxTensor tensor;

    Side(NodeInfo info, int images) throws OrtException {
      name = info.getName();
      var shape = ((TensorInfo) info.getInfo()).getShape();
      shape[0] = images;
      long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
      int bytes = Math.toIntExact(count * Float.BYTES);
      values = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder()).asFloatBuffer();
      tensor = OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), values, shape);
    }
  }

  /** Runs on a fixed number of images; it allocates no memory for them. */
  public final class Batch {
    private final Side input;
    private final Side output;

    private Batch(Side input, Side output) {
      this.input = input;
      this.output = output;
    }

    /** Where the images are to be put before a run, {@code [images, 3, H, W]}. */
    public FloatBuffer images() {
      return input.values.duplicate();
    }

    /**
     * Computes what is in {@link #images}.
     *
     * @return the probabilities, {@code [images, classes]}, which the next run overwrites
     */
    public FloatBuffer run() {
      var from = Map.of(input.name, input.tensor);
      try {
        session.run(from, Map.of(output.name, output.tensor)).close();
        return output.values.duplicate();
      } catch (OrtException e) {
        throw failed(e);
      }
    }

    private void close() {
      input.tensor.close();
      output.tensor.close();
    }
  }

  /** Frees the native memory. Closing it again does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    batches.values().forEach(Batch::close);
    try {
      session.close();
    } catch (OrtException e) {
      throw failed(e);
    } finally {
      options.close();
    }
  }
}
