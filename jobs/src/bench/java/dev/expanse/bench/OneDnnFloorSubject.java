package dev.expanse.bench;

import java.util.HashMap;
import java.util.Map;

/**
 * What the large operations of a network cost by themselves on oneDNN, on channels-last feature
 * maps: not an engine, since nothing that is computed has a meaning, but what an engine of these
 * primitives would need if all else were free. A time is not one on the clock: it is the sum of the
 * best of {@value OneDnnPrimitives#EXECUTIONS} executions of each primitive.
 *
 * <p>In training these are convolutions, inner products and poolings, forward and backward, and
 * batch norms with the rectifier that follows, forward and backward; nothing is counted for the
 * gradient of the images. In inference they are convolutions and inner products with the activation
 * that follows, poolings, and those batch norms that cannot be folded into the convolution before
 * them, with their rectifier.
 *
 * <p>Not counted are concatenations, slices, shuffles and flattenings, which are copies that an
 * engine may avoid; residual sums, gates of channels, dropout and all other activations, which it
 * may compute with what is before or behind them; the softmax, the loss and the update of weights;
 * and that the three primitives of a convolution may want its weights in three layouts.
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
