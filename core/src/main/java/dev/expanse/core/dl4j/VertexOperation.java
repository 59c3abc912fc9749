package dev.expanse.core.dl4j;

import dev.expanse.core.network.Shape;
import java.io.Serializable;
import java.util.List;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonTypeInfo;

/**
 * What a vertex without weights computes, of one array for each input, in row-major order. One that
 * can be written as JSON, in which networks travel to Spark's executors.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.CLASS, property = "@class")
interface VertexOperation extends Serializable {

  /**
   * The shape of one image's output.
   *
   * @throws IllegalArgumentException if it cannot take inputs of these shapes
   */
  Shape outputShape(List<Shape> inputs);

  /** Whether the output is a vector whatever the inputs are. */
  default boolean flattens() {
    return false;
  }

  /**
   * Runs forward.
   *
   * @param inputs {@code [N, H, W, C]} or {@code [N, C]}
   */
  Forward forward(List<INDArray> inputs, Arrays arrays);

  /**
   * What has come of a forward pass.
   *
   * @param output in row-major order
   * @param backward what goes back from there
   */
  record Forward(INDArray output, Backward backward) {}

  /** Runs backward. */
  interface Backward {
    /**
     * The gradients of all inputs, in new arrays.
     *
     * @param epsilon of the output, in row-major order
     */
    List<INDArray> gradients(INDArray epsilon, Arrays arrays);
  }

  /**
   * Makes arrays in one of Deeplearning4j's workspaces; values are arbitrary.
   *
   * @param floats makes those of floats
   */
  record Arrays(LayerWorkspaceMgr workspace, boolean training, FloatArrays floats) {
    /** An output, like another array but for its shape. */
    INDArray output(INDArray like, long... shape) {
      return make(ArrayType.ACTIVATIONS, like, shape);
    }

    /** What the way back reads. */
    INDArray kept(INDArray like, long... shape) {
      return make(training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM, like, shape);
    }

    /** The gradient of an input. */
    INDArray gradient(INDArray input) {
      return make(ArrayType.ACTIVATION_GRAD, input, input.shape());
    }

    private INDArray make(ArrayType type, INDArray like, long... shape) {
      return like.dataType() == DataType.FLOAT
          ? floats.make(workspace, type, shape)
          : workspace.createUninitialized(type, like.dataType(), shape, 'c');
    }
  }

  /** The shape of an array, with other channels. */
  static long[] withChannels(INDArray array, long channels) {
    var shape = array.shape().clone();
    shape[shape.length - 1] = channels;
    return shape;
  }

  /** The last dimension of an array. */
  static long channels(INDArray array) {
    return array.size(array.rank() - 1);
  }
}
