package dev.expanse.core.bench;

/**
 * An engine that is measured, with the network of a {@link Workload}, fresh weights and random
 * images. It lives in a process of its own and is called from one thread. What it has to prepare
 * for a batch size (images, primitives) it may make in the first call, which is warm-up.
 */
interface Subject extends AutoCloseable {

  /** One training step at the workload's batch, with SGD of momentum 0.9: its milliseconds. */
  double train();

  /** Inference of {@code batch} images, 1 or the workload's batch: its milliseconds. */
  double infer(int batch);

  @Override
  void close();

  /** The milliseconds that {@code work} takes on the clock. */
  static double milliseconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e6;
  }
}
