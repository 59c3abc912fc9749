package dev.expanse.core.onednn;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Native objects kept for the next caller, by what they are for. A caller has the object that it
 * borrows to itself until it gives it back. The reserve owns what lies in it: beyond its capacity
 * it closes what was longest unused.
 */
final class Reserve<K, V extends AutoCloseable> {
  private final int capacity;
  private final Function<K, V> maker;
  private final Map<K, Deque<V>> idle = new LinkedHashMap<>(); // longest unused first
  private int size;

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
        size--;
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
    size++;
    if (size > capacity) {
      closeLongestUnused();
    }
  }

  private void closeLongestUnused() {
    var first = idle.entrySet().iterator().next();
    var objects = first.getValue();
    close(objects.removeLast());
    if (objects.isEmpty()) {
      idle.remove(first.getKey());
    }
  }

  /** Closes everything that nobody has borrowed. */
  synchronized void clear() {
    while (!idle.isEmpty()) {
      closeLongestUnused();
    }
  }

  /** How many objects lie in it. */
  synchronized int size() {
    return size;
  }

  private void close(V object) {
    size--;
    try {
      object.close();
    } catch (Exception e) {
      throw new IllegalStateException("Cannot close " + object, e);
    }
  }
}
