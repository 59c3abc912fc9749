package dev.expanse.core.dl4j;

import static dev.expanse.core.dl4j.OneDnnParameters.GAMMA;
import static dev.expanse.core.dl4j.OneDnnParameters.MEAN;
import static dev.expanse.core.dl4j.OneDnnParameters.VARIANCE;

import dev.expanse.core.onednn.RowMajor;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The parameters of a layer's batch norm as oneDNN takes them.
 *
 * <p>A step's backward pass moves the running statistics itself, and their gradient is zero. As
 * gradients of their own, with an updater that does nothing, they would cut DL4J's one update of
 * all parameters into two for every layer.
 */
final class RunningNorm {
  private final OneDnnComputation<?> layer;
  private final double momentum;
  private INDArray gammaBeta;
  private INDArray gammaBetaGradient;
  private INDArray statisticsGradient;

  /**
   * @param momentum the share of the old running statistics that a step keeps
   */
  RunningNorm(OneDnnComputation<?> layer, double momentum) {
    this.layer = layer;
    this.momentum = momentum;
  }

  /** Takes the layer's flattened parameters. */
  void parameters(INDArray view) {
    gammaBeta = view == null ? null : OneDnnParameters.pair(layer.layerConf(), view, GAMMA);
  }

  /** Takes the layer's flattened gradients. */
  void gradients(INDArray view) {
    gammaBetaGradient = OneDnnParameters.pair(layer.layerConf(), view, GAMMA);
    statisticsGradient = OneDnnParameters.pair(layer.layerConf(), view, MEAN);
  }

  /** Factors and offsets, {@code [2 * channels]}. */
  INDArray gammaBeta() {
    return gammaBeta;
  }

  /** Where their gradient is to be. */
  INDArray gammaBetaGradient() {
    return gammaBetaGradient;
  }

  /** Moves the running statistics towards a batch's. */
  void approach(INDArray mean, INDArray variance) {
    RowMajor.approach(layer.getParam(MEAN), mean, (float) momentum);
    RowMajor.approach(layer.getParam(VARIANCE), variance, (float) momentum);
    RowMajor.clear(statisticsGradient);
  }
}
