package dev.expanse.bench;

/**
 * Something that is measured. It lives in a process of its own and is called from one thread. What
 * it has to prepare for a task it may make in the first call, which is warm-up.
 */
interface Subject extends AutoCloseable {

  /** Does a task of its workload once: the milliseconds that it took. */
  double run(Task task);

  @Override
  void close();

  /** The milliseconds that {@code work} takes on the clock. */
  static double milliseconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e6;
  }
}
