package dev.expanse.core.dl4j;

import static dev.expanse.core.dl4j.OneDnnParameters.WEIGHTS;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.regularization.L2Regularization;

/** What the layers that compute a {@link OneDnnLayer} have in common. */
abstract class OneDnnComputation<C extends OneDnnLayer> extends BaseLayer<C> {
  private static final long serialVersionUID = 1L;

  private final transient FloatArrays arrays = new FloatArrays();

  OneDnnComputation(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  /** The input in an order that native code takes. */
  final INDArray input(boolean training, LayerWorkspaceMgr workspace) {
    assertInputSet(false);
    applyDropOutIfNecessary(training, workspace);
    return FloatArrays.rowMajor(
        input, training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM, workspace);
  }

  /** A gradient in an order that native code takes: what comes from pooling is a broadcast view. */
  static INDArray rowMajor(INDArray epsilon, LayerWorkspaceMgr workspace) {
    return FloatArrays.rowMajor(epsilon, ArrayType.BP_WORKING_MEM, workspace);
  }

  /** A new array of floats. */
  final INDArray floats(LayerWorkspaceMgr workspace, ArrayType type, long... shape) {
    return arrays.make(workspace, type, shape);
  }

  final IllegalStateException notForward() {
    return new IllegalStateException(
        "Cannot go backward in '" + layerConf().getLayerName() + "' before going forward");
  }

  /** What the backward pass has written into the views of the gradient. */
  final Gradient writtenGradient() {
    weightNoiseParams.clear();
    var gradient = new DefaultGradient(gradientsFlattened);
    for (var name : conf.variables()) {
      gradient.gradientForVariable().put(name, gradientViews.get(name));
    }
    return gradient;
  }

  @Override
  public final double calcRegularizationScore(boolean backpropagatedOnly) {
    var penalties = layerConf().getRegularizationByParam(WEIGHTS);
    if (penalties == null || !paramTable().containsKey(WEIGHTS)) {
      return 0;
    }
    var weights = getParam(WEIGHTS);
    double score = 0;
    for (var penalty : penalties) {
      score +=
          penalty instanceof L2Regularization l2
              ? l2.getL2().valueAt(getIterationCount(), getEpochCount()) / 2 * squares(weights)
              : penalty.score(weights, getIterationCount(), getEpochCount());
    }
    return score;
  }

  /** By BLAS: the norm that the penalty would ask for takes several times as long. */
  private double squares(INDArray array) {
    var row = arrays.flat(array);
    return Nd4j.getBlasWrapper().dot(row, row);
  }

  @Override
  public final boolean isPretrainLayer() {
    return false;
  }
}
