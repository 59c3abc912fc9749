package dev.expanse.core.dl4j;

import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * The state of an updater: one array of the gradient's length for each of its slots, which lie one
 * after the other in a row of Deeplearning4j's.
 */
abstract class SlottedUpdater<T extends IUpdater> implements GradientUpdater<T> {
  private final T config;
  private final Map<String, Float> slots;
  private Map<String, INDArray> state = Map.of();

  /**
   * @param slots the names of the slots in their order, with the value that each begins with
   */
  SlottedUpdater(T config, Map<String, Float> slots) {
    this.config = config;
    this.slots = new LinkedHashMap<>(slots);
  }

  @Override
  public final T getConfig() {
    return config;
  }

  final INDArray slot(String name) {
    var array = state.get(name);
    if (array == null) {
      throw new IllegalStateException("Cannot update before there is a state '" + name + "'");
    }
    return array;
  }

  @Override
  public final void setState(Map<String, INDArray> arrays, boolean initialize) {
    if (!arrays.keySet().equals(slots.keySet())) {
      throw new IllegalStateException(
          "Cannot take the state " + arrays.keySet() + ": expected " + slots.keySet());
    }
    state = Map.copyOf(arrays);
    if (initialize) {
      slots.forEach((name, first) -> slot(name).assign(first));
    }
  }

  @Override
  public final Map<String, INDArray> getState() {
    return state;
  }

  @Override
  public final void setStateViewArray(INDArray view, long[] shape, char order, boolean initialize) {
    var row = view.reshape(view.length());
    long length = view.length() / slots.size();
    var arrays = new LinkedHashMap<String, INDArray>();
    for (var name : slots.keySet()) {
      long from = arrays.size() * length;
      arrays.put(
          name, row.get(NDArrayIndex.interval(from, from + length)).reshape(order, 1, length));
    }
    setState(arrays, initialize);
  }
}
