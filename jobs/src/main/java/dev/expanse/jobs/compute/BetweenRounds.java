package dev.expanse.jobs.compute;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * What workers leave in an executor's process between two rounds of a training. Who takes it has it
 * for himself. An application makes one training after another, so that what another training has
 * left is closed when something is asked for; and so is what a worker of the same training left ten
 * minutes ago, who went on elsewhere.
 */
public final class BetweenRounds<T> {
  private static final long FORGOTTEN_NANOS = 600_000_000_000L;

  private final Map<Key, Left<T>> waiting = new ConcurrentHashMap<>();
  private final Set<String> over = ConcurrentHashMap.newKeySet();
  private final Consumer<T> closer;

  private record Key(String training, int worker) {}

  private record Left<T>(T value, long nanoTime) {}

  /**
   * Nothing yet.
   *
   * @param closer closes what is not needed any more
   */
  public BetweenRounds(Consumer<T> closer) {
    this.closer = closer;
  }

  /** What the worker has left, if that was in this process. */
  public Optional<T> take(String training, int worker) {
    var left = waiting.remove(new Key(training, worker));
    for (var entry : waiting.entrySet()) {
      if (!entry.getKey().training().equals(training)
          || System.nanoTime() - entry.getValue().nanoTime() > FORGOTTEN_NANOS) {
        close(entry.getKey());
      }
    }
    return Optional.ofNullable(left).map(Left::value);
  }

  /** Leaves something for the worker's next round, in place of what is there. */
  public void leave(String training, int worker, T value) {
    var other = waiting.put(new Key(training, worker), new Left<>(value, System.nanoTime()));
    if (other != null) { // of a second attempt at the same task
      closer.accept(other.value());
    }
    if (over.contains(training)) { // it failed in another worker, while this one was in a step
      close(training);
    }
  }

  /** Closes what a training has left in this process, and what it will still leave: it is over. */
  public void close(String training) {
    over.add(training);
    for (var key : waiting.keySet()) {
      if (key.training().equals(training)) {
        close(key);
      }
    }
  }

  private void close(Key key) {
    var left = waiting.remove(key);
    if (left != null) {
      closer.accept(left.value());
    }
  }
}
