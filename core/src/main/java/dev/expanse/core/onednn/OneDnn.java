package dev.expanse.core.onednn;

import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerScope;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * oneDNN in this process: whether its natives load, and the one CPU engine, which lives as long as
 * the process.
 */
public final class OneDnn {
  private static final Logger LOG = LoggerFactory.getLogger(OneDnn.class);

  private OneDnn() {}

  /** Tries once; later calls get the first answer. */
  @SuppressWarnings("unchecked") // PointerScope takes a list of classes
  private static final class Holder {
    static final engine ENGINE;
    static final String FAILURE;

    static {
      engine cpu = null;
      String failure = null;
      try (var scope = new PointerScope()) { // else a caller's scope would close the engine
        Nd4j.getExecutioner(); // first, so that both use the OpenMP runtime that ND4J brings
        Loader.load(dnnl.class);
        // The primitives we keep are ours to close; oneDNN's own cache would keep them alive
        dnnl.dnnl_set_primitive_cache_capacity(0);
        cpu = new engine(engine.kind.cpu.value, 0);
        scope.extend();
      } catch (LinkageError | RuntimeException e) {
        failure = e.getClass().getSimpleName() + ": " + e.getMessage();
        LOG.debug("oneDNN does not load", e);
      }
      ENGINE = cpu;
      FAILURE = failure;
    }
  }

  /** Why oneDNN cannot be used here, in one sentence; empty where it can. */
  public static Optional<String> unavailable() {
    return Optional.ofNullable(Holder.FAILURE)
        .map(failure -> "oneDNN's natives do not load here (" + failure + ")");
  }

  /**
   * The CPU engine.
   *
   * @throws IllegalStateException if oneDNN is unavailable
   */
  static engine engine() {
    unavailable()
        .ifPresent(
            reason -> {
              throw new IllegalStateException("Cannot compute on oneDNN: " + reason);
            });
    return Holder.ENGINE;
  }

  /**
   * What {@code computation} returns, with so many OpenMP threads. Primitives record the number
   * when they are made and ask for it when they run, so that both must agree.
   */
  static <T> T onThreads(int threads, Supplier<T> computation) {
    var ops = NativeOpsHolder.getInstance().getDeviceNativeOps();
    int before = ops.ompGetMaxThreads();
    ops.setOmpNumThreads(threads);
    try {
      return computation.get();
    } finally {
      ops.setOmpNumThreads(before);
    }
  }

  /** Computes with OpenMP held to the current thread. */
  static void onOneThread(Runnable computation) {
    onThreads(
        1,
        () -> {
          computation.run();
          return null;
        });
  }
}
