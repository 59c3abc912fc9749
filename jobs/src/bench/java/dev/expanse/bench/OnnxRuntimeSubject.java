package dev.expanse.bench;

import dev.expanse.core.network.InitialWeights;
import dev.expanse.core.onnx.OnnxDevice;
import dev.expanse.core.onnx.OnnxModel;
import dev.expanse.core.onnx.OnnxModel.Norms;
import dev.expanse.core.onnx.OnnxRuntimeSession;
import dev.expanse.core.onnx.OnnxRuntimeSession.Batch;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * ONNX Runtime on the processor: the wall-clock time of a run, from images to probabilities in
 * buffers that it reads and writes in place. Feature maps are {@code [N, C, H, W]}. It trains
 * nothing.
 */
final class OnnxRuntimeSubject implements EngineSubject {
  private static final long SEED = 1;

  private final OnnxRuntimeSession session;
  private final Map<Integer, Batch> batches = new HashMap<>();

  OnnxRuntimeSubject(EngineWorkload workload) {
    var network = workload.network();
    var model = OnnxModel.of(network, InitialWeights.draw(network, SEED), Norms.FOLDED);
    session = OnnxRuntimeSession.open(model, workload.threads(), OnnxDevice.CPU);
  }

  @Override
  public double train() {
    throw new IllegalArgumentException("ONNX Runtime computes inference only");
  }

  @Override
  public double infer(int count) {
    return Subject.milliseconds(batches.computeIfAbsent(count, this::filled)::run);
  }

  private Batch filled(int count) {
    var batch = session.batch(count);
    var images = batch.images();
    var random = new Random(SEED);
    while (images.hasRemaining()) {
      images.put(random.nextFloat());
    }
    return batch;
  }

  @Override
  public void close() {
    session.close();
  }
}
