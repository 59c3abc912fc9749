package dev.expanse.core.dl4j;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * The configuration of a layer that oneDNN computes, on activations {@code [N, H, W, C]}. Only its
 * weights have a weight decay.
 */
public abstract class OneDnnLayer extends FeedForwardLayer {
  private static final long serialVersionUID = 1L;

  OneDnnLayer() {
    setActivationFn(new ActivationIdentity()); // what DL4J would apply to the output
  }

  /** The shapes of its parameters by their names, in the order in which they lie in memory. */
  abstract Map<String, long[]> parameterShapes();

  /** The share of the old running statistics that a step keeps, if it has a norm. */
  abstract OptionalDouble normMomentum();

  /** What computes it. */
  abstract OneDnnComputation<?> computation(NeuralNetConfiguration conf, DataType type);

  /**
   * The input's type, after a check.
   *
   * @throws IllegalArgumentException unless it has a shape that the layer takes
   */
  abstract InputType checked(InputType type);

  /** How many arrays of the output's size a training step needs besides the output. */
  abstract int workingArrays();

  @Override
  public final org.deeplearning4j.nn.api.Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int index,
      INDArray parameters,
      boolean initialize,
      DataType type) {
    var layer = computation(conf, type);
    layer.setListeners(listeners);
    layer.setIndex(index);
    layer.setParamsViewArray(parameters);
    layer.setParamTable(initializer().init(conf, parameters, initialize));
    layer.setConf(conf);
    return layer;
  }

  @Override
  public final ParamInitializer initializer() {
    return OneDnnParameters.INSTANCE;
  }

  @Override
  public final void setNIn(InputType type, boolean override) {
    checked(type);
  }

  @Override
  public final InputPreProcessor getPreProcessorForInputType(InputType type) {
    return null;
  }

  @Override
  public final List<Regularization> getRegularizationByParam(String name) {
    return initializer().isWeightParam(this, name) ? getRegularization() : null;
  }

  @Override
  public final LayerMemoryReport getMemoryReport(InputType type) {
    long values = getOutputType(0, type).arrayElementsPerExample();
    long parameters = initializer().numParams(this);
    return new LayerMemoryReport.Builder(layerName, getClass(), type, getOutputType(0, type))
        .standardMemory(parameters, getIUpdater().stateSize(parameters))
        .workingMemory(0, 0, 0, workingArrays() * values)
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }
}
