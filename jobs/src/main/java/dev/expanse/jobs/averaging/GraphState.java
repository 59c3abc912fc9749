package dev.expanse.jobs.averaging;

import java.util.Optional;
import org.bytedeco.javacpp.FloatPointer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What training changes in a graph, as flat arrays in Deeplearning4j's order: its parameters, and
 * the state of its updater (momenta), which is empty for plain SGD.
 */
public final class GraphState {
  private GraphState() {}

  /** A copy of the parameters. */
  public static float[] parameters(ComputationGraph graph) {
    return copy(graph.params());
  }

  /**
   * Sets the parameters.
   *
   * @throws IllegalArgumentException if there are not as many as the graph has
   */
  public static void setParameters(ComputationGraph graph, float[] values) {
    set(graph.params(), values);
  }

  /** A copy of the updater's state. */
  public static float[] updater(ComputationGraph graph) {
    return updaterView(graph).map(GraphState::copy).orElse(new float[0]);
  }

  /**
   * Sets the updater's state.
   *
   * @throws IllegalArgumentException if it is not as long as the graph's
   */
  public static void setUpdater(ComputationGraph graph, float[] values) {
    var view = updaterView(graph);
    if (view.isPresent()) {
      set(view.get(), values);
    } else if (values.length > 0) {
      throw new IllegalArgumentException(
          "Cannot set " + values.length + " values in an updater without a state");
    }
  }

  private static Optional<INDArray> updaterView(ComputationGraph graph) {
    return Optional.ofNullable(graph.getUpdater().getStateViewArray());
  }

  private static float[] copy(INDArray array) {
    var values = new float[Math.toIntExact(array.length())];
    at(array).get(values, 0, values.length);
    return values;
  }

  private static void set(INDArray array, float[] values) {
    if (array.length() != values.length) {
      throw new IllegalArgumentException(
          "Cannot set " + values.length + " values where there are " + array.length());
    }
    at(array).put(values, 0, values.length);
  }

  private static FloatPointer at(INDArray array) {
    if (array.dataType() != DataType.FLOAT) {
      throw new IllegalArgumentException("Cannot average " + array.dataType() + ": expected FLOAT");
    }
    // a pointer of its own: the array's is shared, and its position would be moved for all
    return new FloatPointer(array.data().pointer()).position(array.offset());
  }
}
