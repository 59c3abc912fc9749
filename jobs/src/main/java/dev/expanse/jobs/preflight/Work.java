package dev.expanse.jobs.preflight;

import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.complexity.TrainingMaps;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.dl4j.InferenceEngine;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.input.EpochPlan;
import dev.expanse.jobs.input.TrainingInput;
import dev.expanse.jobs.recipe.Averaging.Outer.Kind;
import dev.expanse.jobs.recipe.Recipe;
import dev.expanse.jobs.training.AveragedTraining;
import java.util.Locale;
import java.util.Optional;
import org.nd4j.linalg.schedule.FixedSchedule;

/** What a job is about to do, and the memory that it needs for that. */
public sealed interface Work {

  /** The network. */
  NetworkSpec spec();

  /** Threads of a task. */
  int threads();

  /** Tasks of it that there are at one time; 0 for as many as Spark can run. */
  int tasks();

  /** What is done to the network, for a sentence. */
  String description();

  /** Why it cannot be done anywhere, if so. */
  Optional<String> impossible();

  /** What the driver needs. */
  MemoryNeed onDriver();

  /**
   * What an executor needs.
   *
   * @param here workers whose networks it has
   * @param atOnce tasks that it runs at once
   */
  MemoryNeed onExecutor(int here, int atOnce);

  /** What the driver needs where it is the only executor as well, as in local mode. */
  MemoryNeed inOneProcess(int here, int atOnce);

  /**
   * A training.
   *
   * @param workers whose weights are averaged
   */
  record Training(NetworkSpec spec, Recipe recipe, Compute compute, int workers) implements Work {
    /**
     * Copies of weights and momenta on the driver's heap when averages have arrived: what the round
     * began with and its broadcast, the averages in slices, joined, and parted again.
     */
    private static final double DRIVER_COPIES = 6;

    /** On an executor's: what the round began with, twice. */
    private static final double SHARED_COPIES = 2;

    /** And for each worker, when its slices are cut, or the slice that it sums is. */
    private static final double WORKER_COPIES = 3;

    /** How much larger a workspace is than what is in it. */
    private static final double WORKSPACE = 1.1;

    /** What a convolution has of scratch for itself. */
    private static final double CONVOLUTION_BYTES = 40e3;

    /** Of all feature maps, what Deeplearning4j's own layers hold for one of oneDNN's. */
    private static final double STOCK_MAPS = 2;

    @Override
    public int threads() {
      return compute.threads();
    }

    @Override
    public int tasks() {
      return workers;
    }

    @Override
    public String description() {
      return String.format(
          Locale.ROOT,
          "to train %,d parameters on %d worker(s) with a batch of %d",
          Complexity.Totals.of(spec.network()).parameters(),
          workers,
          recipe.batch());
    }

    @Override
    public Optional<String> impossible() {
      return AveragedTraining.untrainable(spec, recipe, compute);
    }

    private double weights() {
      return Complexity.trainedBytes(spec.network());
    }

    private double updater() {
      long values = Complexity.trainedBytes(spec.network()) / Float.BYTES;
      return Float.BYTES
          * (double) recipe.optimizer().updater(new FixedSchedule(1)).stateSize(values);
    }

    private double state() {
      return weights() + updater();
    }

    /** Copies of the weights that the recipe asks for, and that a checkpoint copies. */
    private MemoryNeed kept() {
      var averaging = recipe.averaging();
      int copies = averaging.ema() > 0 ? 1 : 0;
      copies += averaging.outer().kind() == Kind.AVERAGE ? 0 : 1;
      copies += recipe.evaluation().patience() > 0 ? 1 : 0;
      return new MemoryNeed(2 * copies * weights(), 0, state());
    }

    @Override
    public MemoryNeed onDriver() {
      return kept().plus(new MemoryNeed(DRIVER_COPIES * state(), 0, 0));
    }

    @Override
    public MemoryNeed onExecutor(int here, int atOnce) {
      return workers(here).plus(new MemoryNeed(rounds(Math.min(here, atOnce)), 0, 0));
    }

    @Override
    public MemoryNeed inOneProcess(int here, int atOnce) {
      double heap = Math.max(DRIVER_COPIES * state(), rounds(Math.min(here, atOnce)));
      return workers(here).plus(kept()).plus(new MemoryNeed(heap, 0, 0));
    }

    private double rounds(int atOnce) {
      return (SHARED_COPIES + WORKER_COPIES * atOnce) * state();
    }

    /** What workers keep in their executor between rounds. */
    private MemoryNeed workers(int here) {
      var maps = TrainingMaps.of(spec.network());
      double image = 3.0 * spec.resolution() * spec.resolution() * Float.BYTES;
      double stock = compute.engine() == Engine.STOCK ? STOCK_MAPS : 1;
      double values = WORKSPACE * stock * (maps.kept() + maps.gradients());
      return new MemoryNeed(
              (TrainingInput.BATCHES_AHEAD + 1) * recipe.batch() * image + EpochPlan.WINDOW_BYTES,
              scratch(maps),
              2 * weights() + updater() + recipe.batch() * (image + values * Float.BYTES))
          .times(here);
    }

    /** Of oneDNN's primitives: shared by those of all layers, but for a little of each. */
    private double scratch(TrainingMaps maps) {
      if (compute.engine() == Engine.STOCK) {
        return 0;
      }
      var convolutions =
          Complexity.of(spec.network()).costs().stream()
              .filter(cost -> cost.activations() > 0)
              .toList();
      long filter = convolutions.stream().mapToLong(Complexity.Cost::parameters).max().orElse(0);
      double shared = 1.5 * recipe.batch() * maps.largest() + 2 * filter;
      return Float.BYTES * shared + CONVOLUTION_BYTES * convolutions.size();
    }
  }

  /**
   * Inference by tasks.
   *
   * @param batch images at once
   * @param tasks at one time; 0 for as many as Spark can run
   */
  record Inference(NetworkSpec spec, InferenceEngine engine, int threads, int batch, int tasks)
      implements Work {
    /** Copies of the weights on the heap: read, sent and as the engine asks for them. */
    private static final double HEAP_COPIES = 4;

    /** The same outside of it, those in another layout among them. */
    private static final double COPIES = 2;

    /** Of the most feature maps that live at one time, what an engine holds. */
    private static final double MAPS = 2;

    /** By as many tasks as Spark runs at once. */
    public static Inference onAll(
        NetworkSpec spec, InferenceEngine engine, int threads, int batch) {
      return new Inference(spec, engine, threads, batch, 0);
    }

    @Override
    public Optional<String> impossible() {
      return Compute.unsupported(engine, spec);
    }

    @Override
    public String description() {
      return "to be run with a batch of " + batch;
    }

    private double weights() {
      return Complexity.Totals.of(spec.network()).weightBytes();
    }

    @Override
    public MemoryNeed onDriver() {
      return new MemoryNeed(HEAP_COPIES * weights(), 0, 0);
    }

    @Override
    public MemoryNeed onExecutor(int here, int atOnce) {
      double image = 3.0 * spec.resolution() * spec.resolution() * Float.BYTES;
      double peak = Complexity.Totals.of(spec.network()).peakActivationBytes();
      var task =
          new MemoryNeed(
              weights() + (TrainingInput.BATCHES_AHEAD + 1) * batch * image,
              COPIES * weights() + batch * (MAPS * peak + image),
              0);
      return task.times(Math.min(here, atOnce)).plus(new MemoryNeed(weights(), 0, 0));
    }

    @Override
    public MemoryNeed inOneProcess(int here, int atOnce) {
      return onExecutor(here, atOnce).plus(onDriver());
    }
  }
}
