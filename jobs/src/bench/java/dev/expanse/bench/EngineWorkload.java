package dev.expanse.bench;

import dev.expanse.core.network.Network;
import java.util.List;
import java.util.stream.Stream;

/**
 * What every subject does, with {@value #CLASSES} classes.
 *
 * @param networkName a name that {@link BenchNetworks} knows
 * @param side of the square images, in pixels
 * @param batch images a training step, and of the larger inference
 * @param threads that native code computes on
 */
record EngineWorkload(String networkName, int side, int batch, int threads)
    implements Workload<EngineSubjectKind> {
  static final String BENCHMARK = "engine";
  static final int CLASSES = 100;

  /**
   * So small that no subject has learnt its one batch by heart before the end: gradients would
   * become denormal numbers, which are slow.
   */
  static final float LEARNING_RATE = 1e-3f;

  static final float MOMENTUM = 0.9f;

  /** The network. */
  Network network() {
    return BenchNetworks.named(networkName).withResolution(side).withClasses(CLASSES).network();
  }

  /** What {@link #arguments} wrote. */
  static EngineWorkload parse(List<String> arguments) {
    return new EngineWorkload(
        arguments.get(0),
        Integer.parseInt(arguments.get(1)),
        Integer.parseInt(arguments.get(2)),
        Integer.parseInt(arguments.get(3)));
  }

  @Override
  public List<String> arguments() {
    return Stream.of(networkName, side, batch, threads).map(String::valueOf).toList();
  }

  @Override
  public String benchmark() {
    return BENCHMARK;
  }

  @Override
  public List<EngineSubjectKind> subjects() {
    return List.of(EngineSubjectKind.values());
  }

  @Override
  public Subject create(EngineSubjectKind subject) {
    return subject.create(this);
  }

  @Override
  public boolean includes(EngineSubjectKind subject, Task task) {
    return true;
  }

  @Override
  public List<String> jvmOptions() {
    return List.of();
  }

  /** Training first. */
  @Override
  public List<Task> tasks() {
    return Stream.of(training(), Task.infer(1), inference()).distinct().toList();
  }

  /** A step. */
  Task training() {
    return Task.train(batch);
  }

  /** Inference of as many images as a step takes. */
  Task inference() {
    return Task.infer(batch);
  }

  /** The class of an image of a batch, by its place. */
  static int label(int image) {
    return image % CLASSES;
  }
}
