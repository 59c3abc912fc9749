package dev.expanse.core.onednn;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Native objects kept for the next caller, by what they are for. A caller has the object that it
 * borrows to itself until it gives it back, so that there are as many of a kind as were ever in use
 * at once. The reserve owns what lies in it: beyond so many kinds it closes all of the one that was
 * longest unused.
 */
final class Reserve<K, V extends AutoCloseable> {
  private final int capacity;
  private final Function<K, V> maker;
  private final Map<K, Deque<V>> idle = new LinkedHashMap<>(); // longest unused first

  /** A reserve of at most {@code capacity} kinds, whose objects are made by {@code maker}. */
  Reserve(int capacity, Function<K, V> maker) {
    this.capacity = capacity;
    this.maker = maker;
  }

  /** An object for that key, made anew if none is idle. */
  V borrow(K key) {
    synchronized (this) {
      var objects = idle.remove(key);
      if (objects != null) {
        var object = objects.pop();
        if (!objects.isEmpty()) {
          idle.put(key, objects);
        }
        return object;
      }
    }
    return maker.apply(key);
  }

  /** Takes an object back. */
  synchronized void giveBack(K key, V object) {
    var objects = idle.remove(key);
    if (objects == null) {
      objects = new ArrayDeque<>(1);
    }
    objects.push(object);
    idle.put(key, objects);
    if (idle.size() > capacity) {
      closeLongestUnused();
    }
  }

  /** Lends an object of that kind for the time of an action. */
  void with(K key, Consumer<V> action) {
    var object = borrow(key);
    try {
      action.accept(object);
    } finally {
      giveBack(key, object);
    }
  }

  private void closeLongestUnused() {
    var longest = idle.keySet().iterator().next();
    idle.remove(longest).forEach(Reserve::close);
  }

  /** Closes everything that nobody has borrowed. */
  synchronized void clear() {
    while (!idle.isEmpty()) {
      closeLongestUnused();
    }
  }

  private static void close(AutoCloseable object) {
    try {
      object.close();
    } catch (Exception e) {
      throw new IllegalStateException("Cannot close " + object, e);
    }
  }
}
