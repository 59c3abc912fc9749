package dev.expanse.core.dl4j;

import dev.expanse.core.dl4j.VertexOperation.Arrays;
import dev.expanse.core.dl4j.VertexOperation.Forward;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes a {@link ComputedVertex}. */
@SuppressWarnings("overrides") // of the superclass, which has lost an ellipsis
final class ComputingVertex extends BaseGraphVertex {
  private static final long serialVersionUID = 1L;

  private final VertexOperation operation;
  private final transient FloatArrays floats = new FloatArrays();
  private transient Forward forward;

  ComputingVertex(
      ComputationGraph graph, String name, int index, VertexOperation operation, DataType type) {
    super(graph, name, index, null, null, type);
    this.operation = operation;
  }

  @Override
  public INDArray doForward(boolean training, LayerWorkspaceMgr workspace) {
    if (!canDoForward()) {
      throw new IllegalStateException("Cannot compute '" + vertexName + "' without its inputs");
    }
    var kind = training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM;
    var arrays =
        Stream.of(inputs).map(input -> FloatArrays.rowMajor(input, kind, workspace)).toList();
    var result = operation.forward(arrays, new Arrays(workspace, training, floats));
    forward = training ? result : null;
    return result.output();
  }

  @Override
  public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspace) {
    if (!canDoBackward() || forward == null) {
      throw new IllegalStateException(
          "Cannot go backward in '" + vertexName + "' before going forward");
    }
    var gradients =
        forward
            .backward()
            .gradients(
                FloatArrays.rowMajor(epsilon, ArrayType.BP_WORKING_MEM, workspace),
                new Arrays(workspace, true, floats));
    return new Pair<>(null, gradients.toArray(INDArray[]::new));
  }

  @Override
  public void clear() {
    super.clear();
    forward = null;
  }

  @Override
  public boolean hasLayer() {
    return false;
  }

  @Override
  public Layer getLayer() {
    return null;
  }

  @Override
  public void setBackpropGradientsViewArray(INDArray view) {
    if (view != null) {
      throw new IllegalArgumentException("'" + vertexName + "' has no parameters");
    }
  }

  @Override
  public Pair<INDArray, MaskState> feedForwardMaskArrays(
      INDArray[] masks, MaskState state, int minibatchSize) {
    return masks == null || masks.length == 0 ? null : new Pair<>(masks[0], state);
  }

  @Override
  public String toString() {
    return "ComputingVertex(" + vertexName + ", " + operation + ")";
  }
}
