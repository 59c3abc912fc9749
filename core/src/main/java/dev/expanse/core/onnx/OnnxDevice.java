package dev.expanse.core.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.util.Optional;

/** Where ONNX Runtime computes. */
public enum OnnxDevice {
  /** The processor. */
  CPU {
    @Override
    void choose(SessionOptions options) {} // what it does by itself
  },
  /** The first GPU of NVIDIA's; operators that cannot run there run on the processor. */
  CUDA {
    @Override
    void choose(SessionOptions options) throws OrtException {
      options.addCUDA();
    }
  };

  private static final String ARTIFACT = "com.microsoft.onnxruntime:onnxruntime";

  abstract void choose(SessionOptions options) throws OrtException;

  /** Why ONNX Runtime cannot compute here, in one sentence; empty where it can. */
  public Optional<String> unavailable() {
    try {
      OrtEnvironment.getEnvironment();
      try (var options = new SessionOptions()) {
        choose(options);
      }
      return Optional.empty();
    } catch (NoClassDefFoundError e) {
      return Optional.of(
          "ONNX Runtime is not on the class path, or its natives did not load here (its jar is "
              + ARTIFACT
              + (this == CUDA ? "_gpu" : "")
              + ", which spark-submit --packages fetches)");
    } catch (LinkageError | OrtException | RuntimeException e) {
      return Optional.of("ONNX Runtime does not compute on " + name() + " here (" + cause(e) + ")");
    }
  }

  private static String cause(Throwable e) {
    var cause = e.getCause() == null ? e : e.getCause();
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse(cause.toString());
  }
}
