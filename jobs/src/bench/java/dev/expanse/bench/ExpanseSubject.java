package dev.expanse.bench;

import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.onednn.CompiledNetwork;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Expanse on oneDNN: the wall-clock time of {@code fit} on layers of our own, and of a query to a
 * compiled network.
 */
final class ExpanseSubject implements EngineSubject {
  private final EngineWorkload workload;
  private final Dl4jTraining training;
  private final Map<Integer, Query> queries = new HashMap<>();

  private record Query(CompiledNetwork network, INDArray images, INDArray probabilities) {
    void run() {
      network.run(images, probabilities);
    }
  }

  ExpanseSubject(EngineWorkload workload) {
    Engine.ONEDNN.useThreads(workload.threads());
    this.workload = workload;
    this.training = new Dl4jTraining(workload, Engine.ONEDNN);
  }

  @Override
  public double train() {
    return Subject.milliseconds(training::step);
  }

  @Override
  public double infer(int batch) {
    return Subject.milliseconds(queries.computeIfAbsent(batch, this::query)::run);
  }

  private Query query(int batch) {
    var weights = Dl4jModel.weights(workload.network(), training.graph());
    return new Query(
        CompiledNetwork.compile(workload.network(), weights, batch, workload.threads()),
        Dl4jTraining.images(workload, batch),
        Nd4j.create(DataType.FLOAT, batch, EngineWorkload.CLASSES));
  }

  @Override
  public void close() {
    training.close();
    queries.values().forEach(query -> query.network().close());
  }
}
