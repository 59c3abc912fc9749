package dev.expanse.core.onednn;

import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Threads that compute one call together, each a part of the batch on primitives of its own. They
 * meet a few times a layer and then sleep if they have to wait long. OpenMP's threads meet inside
 * of every primitive and spin: where anything else runs on one of their cores, each meeting costs a
 * time slice.
 */
public final class Team {
  /** About half a millisecond: longer than most waits, shorter than a time slice. */
  private static final int SPINS = 20_000;

  private static final ThreadLocal<Integer> SIZE = ThreadLocal.withInitial(() -> 1);
  private static final Reserve<Class<Member>, Member> MEMBERS =
      new Reserve<>(1, key -> new Member());

  private Team() {}

  /**
   * Sets how many threads compute calls of layers from the current thread, itself included.
   *
   * @throws IllegalArgumentException if {@code threads} is below 1
   */
  public static void use(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("Cannot compute on " + threads + " threads");
    }
    SIZE.set(threads);
  }

  /** How many threads compute calls from the current thread. */
  static int size() {
    return SIZE.get();
  }

  /**
   * Runs {@code part} for 0 to {@code parts - 1}, the first in this thread and each other in one of
   * its own, and waits for all.
   */
  static void run(int parts, IntConsumer part) {
    var members = members(parts - 1);
    for (int i = 0; i < members.length; i++) {
      int index = i + 1;
      members[i].begin(() -> part.accept(index));
    }
    RuntimeException failure = null;
    try {
      part.accept(0);
    } catch (RuntimeException e) {
      failure = e;
    } catch (Error e) { // the others still have to be waited for
      failure = new IllegalStateException("A part failed", e);
    }
    for (var member : members) {
      var other = member.await();
      MEMBERS.giveBack(Member.class, member);
      failure = failure == null ? other : failure;
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** All of them before the first one begins, for there may be no thread for the next. */
  private static Member[] members(int count) {
    var members = new Member[count];
    int there = 0;
    try {
      while (there < count) {
        members[there] = MEMBERS.borrow(Member.class);
        there++;
      }
      return members;
    } finally {
      for (int i = 0; there < count && i < there; i++) {
        MEMBERS.giveBack(Member.class, members[i]);
      }
    }
  }

  /** One thread, which computes what it is given and then waits for more. */
  private static final class Member implements AutoCloseable {
    private final Thread thread = new Thread(this::work, "expanse-team");
    private volatile Runnable task;
    private volatile RuntimeException failure;
    private volatile Thread waiting;
    private volatile boolean closed;

    private Member() {
      thread.setDaemon(true);
      thread.start();
    }

    private void begin(Runnable next) {
      failure = null;
      waiting = Thread.currentThread();
      task = next;
      LockSupport.unpark(thread);
    }

    private RuntimeException await() {
      for (int spins = 0; task != null; spins++) {
        rest(spins);
      }
      return failure;
    }

    private void work() {
      // oneDNN's primitives are made for the number of threads that they later run on
      NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
      int spins = 0;
      while (!closed) {
        var next = task;
        if (next == null) {
          rest(spins++);
          continue;
        }
        try {
          next.run();
        } catch (RuntimeException e) {
          failure = e;
        } catch (Throwable e) {
          failure = new IllegalStateException("A thread of the team failed", e);
        }
        task = null;
        LockSupport.unpark(waiting);
        spins = 0;
      }
    }

    private static void rest(int spins) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.park();
      }
    }

    @Override
    public void close() {
      closed = true;
      LockSupport.unpark(thread);
    }
  }
}
