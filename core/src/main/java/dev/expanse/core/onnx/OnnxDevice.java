package dev.expanse.core.onnx;

import java.util.Optional;

/**
 * Where ONNX Runtime computes. This class names none of its classes, so that it can say what is
 * missing where they are not on the class path.
 */
public enum OnnxDevice {
  /** The processor. */
  CPU("onnxruntime"),
  /** The first GPU of NVIDIA's; operators that cannot run there run on the processor. */
  CUDA("onnxruntime_gpu");

  private final String artifact;

  OnnxDevice(String artifact) {
    this.artifact = artifact;
  }

  /** Why ONNX Runtime cannot compute here, in one sentence; empty where it can. */
  public Optional<String> unavailable() {
    if (OnnxDevice.class.getResource("/ai/onnxruntime/OrtEnvironment.class") == null) {
      return Optional.of(
          "ONNX Runtime is not on the class path (spark-submit --packages"
              + " com.microsoft.onnxruntime:"
              + artifact
              + ":<version> puts it there)");
    }
    try {
      OnnxRuntimeSession.tryOut(this);
      return Optional.empty();
    } catch (LinkageError | IllegalStateException e) {
      var cause = e.getCause() == null ? e : e.getCause();
      return Optional.of(
          String.format(
              "ONNX Runtime does not compute on %s here (%s)",
              name(), String.valueOf(cause.getMessage()).lines().findFirst().orElse("")));
    }
  }
}
