package dev.expanse.bench;

import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.network.InitialWeights;
import dev.expanse.core.onednn.CompiledNetwork;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Expanse on oneDNN: the wall-clock time of {@code fit} on layers of our own, and of a query to a
 * compiled network.
 */
final class ExpanseSubject implements EngineSubject {
  private static final long SEED = 1;

  private final EngineWorkload workload;
  private final Map<Integer, Query> queries = new HashMap<>();
  private Optional<Dl4jTraining> training = Optional.empty(); // until the first step

  private record Query(CompiledNetwork network, INDArray images, INDArray probabilities) {
    void run() {
      network.run(images, probabilities);
    }
  }

  ExpanseSubject(EngineWorkload workload) {
    Engine.ONEDNN.useThreads(workload.threads());
    this.workload = workload;
  }

  @Override
  public double train() {
    if (training.isEmpty()) {
      training = Optional.of(new Dl4jTraining(workload, Engine.ONEDNN));
    }
    return Subject.milliseconds(training.get()::step);
  }

  @Override
  public double infer(int batch) {
    return Subject.milliseconds(queries.computeIfAbsent(batch, this::query)::run);
  }

  private Query query(int batch) {
    var network = workload.network();
    var weights = InitialWeights.draw(network, SEED);
    return new Query(
        CompiledNetwork.compile(network, weights, batch, workload.threads()),
        Dl4jTraining.images(workload, batch),
        Nd4j.create(DataType.FLOAT, batch, EngineWorkload.CLASSES));
  }

  @Override
  public void close() {
    training.ifPresent(Dl4jTraining::close);
    queries.values().forEach(query -> query.network().close());
  }
}
