package dev.expanse.core.dl4j;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.DepthwiseConvolution2DLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes {@link RowMajorDepthwise}. */
final class RowMajorDepthwiseLayer extends DepthwiseConvolution2DLayer {
  private static final long serialVersionUID = 1L;

  RowMajorDepthwiseLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  public void setInput(INDArray input, LayerWorkspaceMgr workspaces) {
    super.setInput(FloatArrays.rowMajor(input, ArrayType.INPUT, workspaces), workspaces);
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    return super.backpropGradient(
        FloatArrays.rowMajor(epsilon, ArrayType.BP_WORKING_MEM, workspaces), workspaces);
  }
}
