package dev.expanse.bench;

import dev.expanse.core.dl4j.Engine;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A graph of Deeplearning4j's own layers: the wall-clock time of {@code fit} and {@code output}.
 */
final class StockDl4jSubject implements EngineSubject {
  private final EngineWorkload workload;
  private Optional<Dl4jTraining> training = Optional.empty(); // until the first task
  private final Map<Integer, INDArray> images = new HashMap<>();

  StockDl4jSubject(EngineWorkload workload) {
    Engine.STOCK.useThreads(workload.threads());
    this.workload = workload;
  }

  private Dl4jTraining training() {
    if (training.isEmpty()) {
      training = Optional.of(new Dl4jTraining(workload, Engine.STOCK));
    }
    return training.get();
  }

  @Override
  public double train() {
    return Subject.milliseconds(training()::step);
  }

  @Override
  public double infer(int batch) {
    var input = images.computeIfAbsent(batch, n -> Dl4jTraining.images(workload, n));
    var graph = training().graph();
    return Subject.milliseconds(() -> graph.output(input));
  }

  @Override
  public void close() {
    training.ifPresent(Dl4jTraining::close);
  }
}
