package dev.expanse.core.dl4j;

import java.util.Collection;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Deeplearning4j's depthwise convolution, with copies of arrays that are not row-major. ND4J's
 * operation ignores the strides of floats, and Deeplearning4j's convolutions hand back gradients in
 * another order: it would read wrong values, even beyond the array.
 */
public final class RowMajorDepthwise extends DepthwiseConvolution2D {
  private static final long serialVersionUID = 1L;

  /** For Jackson. */
  RowMajorDepthwise() {}

  RowMajorDepthwise(DepthwiseConvolution2D.Builder builder) {
    super(builder);
  }

  @Override
  public org.deeplearning4j.nn.api.Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int index,
      INDArray parameters,
      boolean initialize,
      DataType type) {
    var layer = new RowMajorDepthwiseLayer(conf, type);
    layer.setListeners(listeners);
    layer.setIndex(index);
    layer.setParamsViewArray(parameters);
    layer.setParamTable(initializer().init(conf, parameters, initialize));
    layer.setConf(conf);
    return layer;
  }
}
