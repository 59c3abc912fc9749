package dev.expanse.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;

/**
 * A way from files to batches, on some threads. To run a task is one pass over all photographs by
 * each thread; passes are numbered, and the number decides which training views are taken, so that
 * all subjects take the same ones.
 */
final class InputSubject implements Subject {
  /** Few, so that a batch of large views fits into memory; they are overwritten in turn. */
  private static final int BATCH = 8;

  private final List<Photograph> photographs;
  private final ExecutorService executor;
  private final List<Worker> workers = new ArrayList<>();
  private int passes;

  /** What one thread has for itself. */
  private record Worker(InputPipeline pipeline, float[] batch) {}

  /**
   * Makes a subject.
   *
   * @param photographs what a pass goes over
   * @param threads that make passes at the same time
   * @param side of the views, in pixels
   * @param pipeline from a side to a way for one thread
   */
  InputSubject(
      List<Photograph> photographs, int threads, int side, IntFunction<InputPipeline> pipeline) {
    this.photographs = photographs;
    for (int thread = 0; thread < threads; thread++) {
      workers.add(new Worker(pipeline.apply(side), new float[BATCH * side * side * 3]));
    }
    executor = Executors.newFixedThreadPool(threads);
  }

  @Override
  public double run(Task task) {
    var work = new ArrayList<Callable<Void>>();
    if (task.what() == Task.What.READER) {
      allOf(workers.stream().map(worker -> settling(worker.pipeline())).toList());
    }
    for (var worker : workers) {
      int number = passes++;
      work.add(() -> pass(task.what(), worker, number));
    }
    return Subject.milliseconds(() -> allOf(work));
  }

  private Callable<Void> settling(InputPipeline pipeline) {
    return () -> {
      pipeline.settle(photographs.get(0));
      return null;
    };
  }

  private Void pass(Task.What what, Worker worker, int number) throws IOException {
    var random = new SplittableRandom(number);
    for (int i = 0; i < photographs.size(); i++) {
      var photograph = photographs.get(i);
      var pipeline = worker.pipeline();
      switch (what) {
        case DECODE -> requireAll(photograph, pipeline.decode(photograph));
        case AUGMENT -> pipeline.augment(photograph, random, worker.batch(), i % BATCH);
        case EVALUATE -> pipeline.evaluate(photograph, worker.batch(), i % BATCH);
        case READER -> pipeline.read(photograph, random, worker.batch(), i % BATCH);
        case TRAIN, INFER -> throw new IllegalArgumentException("No network to " + what);
      }
    }
    return null;
  }

  private static void requireAll(Photograph photograph, int pixels) {
    if (pixels != photograph.pixels()) {
      throw new IllegalStateException(
          "%d pixels were decoded, not %d".formatted(pixels, photograph.pixels()));
    }
  }

  private void allOf(List<Callable<Void>> work) {
    try {
      for (var pass : executor.invokeAll(work)) {
        pass.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("A pass failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while passes went on", e);
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
    workers.forEach(worker -> worker.pipeline().close());
  }
}
