package dev.expanse.bench;

import dev.expanse.core.dl4j.Engine;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A graph of Deeplearning4j's own layers: the wall-clock time of {@code fit} and {@code output}.
 */
final class StockDl4jSubject implements EngineSubject {
  private final EngineWorkload workload;
  private final Dl4jTraining training;
  private final Map<Integer, INDArray> images = new HashMap<>();

  StockDl4jSubject(EngineWorkload workload) {
    Engine.STOCK.useThreads(workload.threads());
    this.workload = workload;
    this.training = new Dl4jTraining(workload, Engine.STOCK);
  }

  @Override
  public double train() {
    return Subject.milliseconds(training::step);
  }

  @Override
  public double infer(int batch) {
    var input = images.computeIfAbsent(batch, n -> Dl4jTraining.images(workload, n));
    return Subject.milliseconds(() -> training.graph().output(input));
  }

  @Override
  public void close() {
    training.close();
  }
}
