package dev.expanse.core.dl4j;

import static dev.expanse.core.dl4j.OneDnnParameters.MEAN;
import static dev.expanse.core.dl4j.OneDnnParameters.VARIANCE;
import static dev.expanse.core.dl4j.OneDnnParameters.WEIGHTS;

import dev.expanse.core.onednn.ConvNormActivationUnit;
import dev.expanse.core.onednn.ConvNormActivationUnit.Gradients;
import dev.expanse.core.onednn.ConvNormActivationUnit.Kept;
import dev.expanse.core.onednn.ConvNormActivationUnit.Learned;
import java.util.Optional;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes a {@link FusedConvolution} on oneDNN. */
final class FusedConvolutionLayer extends OneDnnComputation<FusedConvolution> {
  private static final long serialVersionUID = 1L;

  private final transient RunningNorm norm;
  private transient ConvNormActivationUnit unit;
  private transient Kept kept;

  FusedConvolutionLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
    norm = new RunningNorm(this, layerConf().normMomentum().orElseThrow());
  }

  @Override
  public void setParamsViewArray(INDArray view) {
    super.setParamsViewArray(view);
    norm.parameters(view);
  }

  @Override
  public void setBackpropGradientsViewArray(INDArray view) {
    super.setBackpropGradientsViewArray(view);
    norm.gradients(view);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspace) {
    var x = input(training, workspace);
    var shape = unitOn(x).shape().outputShape();
    var y = floats(workspace, ArrayType.ACTIVATIONS, shape);
    if (training) {
      long channels = layerConf().getNOut();
      kept =
          new Kept(
              x,
              floats(workspace, ArrayType.INPUT, shape),
              floats(workspace, ArrayType.INPUT, channels),
              floats(workspace, ArrayType.INPUT, channels),
              y);
      unit.train(learned(), kept);
    } else {
      unit.infer(learned(), x, getParam(MEAN), getParam(VARIANCE), y);
    }
    return y;
  }

  private ConvNormActivationUnit unitOn(INDArray x) {
    if (unit == null || !OneDnnConvolution.fits(unit.shape(), x)) {
      unit = new ConvNormActivationUnit(layerConf().shapeOn(x));
    }
    return unit;
  }

  private Learned learned() {
    return new Learned(getParam(WEIGHTS), norm.gammaBeta());
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspace) {
    if (kept == null) {
      throw notForward();
    }
    var dy = rowMajor(epsilon, workspace);
    var dx = inputGradient(kept.x(), workspace);
    unit.backward(
        learned(),
        kept,
        dy,
        new Gradients(gradientViews.get(WEIGHTS), norm.gammaBetaGradient(), dx));
    norm.approach(kept.mean(), kept.variance());
    return new Pair<>(writtenGradient(), dx.map(this::backpropDropOutIfPresent).orElse(null));
  }

  private Optional<INDArray> inputGradient(INDArray x, LayerWorkspaceMgr workspace) {
    return layerConf().inputGradient()
        ? Optional.of(floats(workspace, ArrayType.ACTIVATION_GRAD, x.shape()))
        : Optional.empty();
  }

  @Override
  public void clear() {
    super.clear();
    kept = null;
  }

  @Override
  public Type type() {
    return Type.CONVOLUTIONAL;
  }
}
