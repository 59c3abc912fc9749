package dev.expanse.bench;

import java.util.HashMap;
import java.util.Map;

/**
 * What a network's convolutions and batch norms cost by themselves on oneDNN, on channels-last
 * feature maps: not an engine, since nothing that is computed has a meaning, but what an engine of
 * these primitives would need if all else were free. A time is not one on the clock: it is the sum
 * of the best of {@value OneDnnPrimitives#EXECUTIONS} executions of each primitive. In training
 * these are all convolutions, forward and backward for data and weights, and all batch norms,
 * forward and backward; in inference, convolutions with their activation, as norms can be folded
 * into weights.
 *
 * <p>The threads are OpenMP's, {@code OMP_NUM_THREADS}.
 */
final class OneDnnFloorSubject implements EngineSubject {
  private final EngineWorkload workload;
  private final Map<Task, OneDnnPrimitives> primitives = new HashMap<>();

  OneDnnFloorSubject(EngineWorkload workload) {
    this.workload = workload;
  }

  @Override
  public double train() {
    return best(Task.train(workload.batch()));
  }

  @Override
  public double infer(int batch) {
    return best(Task.infer(batch));
  }

  private double best(Task task) {
    return primitives
        .computeIfAbsent(task, t -> new OneDnnPrimitives(workload.network(), t))
        .bestMilliseconds();
  }

  @Override
  public void close() {
    primitives.values().forEach(OneDnnPrimitives::close);
  }
}
