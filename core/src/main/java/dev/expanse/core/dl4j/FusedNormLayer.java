package dev.expanse.core.dl4j;

import static dev.expanse.core.dl4j.OneDnnParameters.MEAN;
import static dev.expanse.core.dl4j.OneDnnParameters.VARIANCE;

import dev.expanse.core.onednn.NormActivationUnit;
import dev.expanse.core.onednn.NormActivationUnit.Kept;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes a {@link FusedNorm} on oneDNN. */
final class FusedNormLayer extends OneDnnComputation<FusedNorm> {
  private static final long serialVersionUID = 1L;

  private final transient RunningNorm norm;
  private transient NormActivationUnit unit;
  private transient Kept kept;

  FusedNormLayer(NeuralNetConfiguration conf, DataType type) {
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
    var y = floats(workspace, ArrayType.ACTIVATIONS, x.shape());
    if (training) {
      long channels = layerConf().getNOut();
      kept =
          new Kept(
              x,
              floats(workspace, ArrayType.INPUT, channels),
              floats(workspace, ArrayType.INPUT, channels),
              y);
      unitOn(x).forward(norm.gammaBeta(), kept, true);
    } else {
      var running = new Kept(x, getParam(MEAN), getParam(VARIANCE), y);
      unitOn(x).forward(norm.gammaBeta(), running, false);
    }
    return y;
  }

  private NormActivationUnit unitOn(INDArray x) {
    var conf = layerConf();
    long channels = conf.getNOut();
    if (x.size(x.rank() - 1) != channels) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot normalise in '%s': expected an input of %d channels, not of %d",
              conf.getLayerName(), channels, x.size(x.rank() - 1)));
    }
    if (unit == null || unit.batch() != x.size(0) || unit.length() != x.length()) {
      unit =
          new NormActivationUnit(
              (int) x.size(0),
              Math.toIntExact(x.length() / x.size(0) / channels),
              (int) channels,
              conf.function(),
              (float) conf.epsilon());
    }
    return unit;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspace) {
    if (kept == null) {
      throw notForward();
    }
    var dy = rowMajor(epsilon, workspace);
    var dx = floats(workspace, ArrayType.ACTIVATION_GRAD, kept.x().shape());
    unit.backward(norm.gammaBeta(), kept, dy, norm.gammaBetaGradient(), dx);
    norm.approach(kept.mean(), kept.variance());
    return new Pair<>(writtenGradient(), backpropDropOutIfPresent(dx));
  }

  @Override
  public void clear() {
    super.clear();
    kept = null;
  }

  @Override
  public Type type() {
    return Type.NORMALIZATION;
  }
}
