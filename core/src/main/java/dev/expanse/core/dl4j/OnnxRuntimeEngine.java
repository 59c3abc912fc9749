package dev.expanse.core.dl4j;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Weights;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import dev.expanse.core.onnx.OnnxDevice;
import dev.expanse.core.onnx.OnnxModel;
import dev.expanse.core.onnx.OnnxModel.Norms;
import dev.expanse.core.onnx.OnnxRuntimeSession;
import java.util.Optional;

/** ONNX Runtime, which answers queries but trains nothing. */
public enum OnnxRuntimeEngine implements InferenceEngine {
  /** On the processor. */
  ONNXRUNTIME("onnxruntime", OnnxDevice.CPU),
  /** On a GPU. */
  ONNXRUNTIME_CUDA("onnxruntime-cuda", OnnxDevice.CUDA);

  private final String id;
  private final OnnxDevice device;

  OnnxRuntimeEngine(String id, OnnxDevice device) {
    this.id = id;
    this.device = device;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public boolean usesGpu() {
    return device == OnnxDevice.CUDA;
  }

  @Override
  public Optional<String> unavailable() {
    return device.unavailable();
  }

  @Override
  public Optional<String> unsupported(Network network) {
    return OnnxModel.unsupported(network);
  }

  @Override
  public void useThreads(int threads) {
    NativeThreads.use(1); // a query's threads are its session's
  }

  @Override
  public Classifier classifier(
      Network network, Weights weights, int batch, int threads, Choice choice) {
    var model = OnnxModel.of(network, weights, Norms.FOLDED);
    return new OnnxRuntimeClassifier(
        network.input().shape(), batch, OnnxRuntimeSession.open(model, threads, device));
  }
}
