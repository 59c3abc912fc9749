package dev.expanse.core.dl4j;

import static dev.expanse.core.dl4j.OneDnnParameters.BIAS;
import static dev.expanse.core.dl4j.OneDnnParameters.WEIGHTS;

import dev.expanse.core.onednn.ConvActivationUnit;
import dev.expanse.core.onednn.ConvActivationUnit.Learned;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Computes a {@link BareConvolution} on oneDNN. */
final class BareConvolutionLayer extends OneDnnComputation<BareConvolution> {
  private static final long serialVersionUID = 1L;

  private transient ConvActivationUnit unit;
  private transient INDArray x;
  private transient INDArray y;

  BareConvolutionLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspace) {
    var given = input(training, workspace);
    if (unit == null || !OneDnnConvolution.fits(unit.shape(), given)) {
      unit = new ConvActivationUnit(layerConf().shapeOn(given));
    }
    var output = floats(workspace, ArrayType.ACTIVATIONS, unit.shape().outputShape());
    unit.forward(learned(paramTable()), given, output);
    if (training) {
      x = given;
      y = output;
    }
    return output;
  }

  private static Learned learned(Map<String, INDArray> arrays) {
    return new Learned(arrays.get(WEIGHTS), Optional.ofNullable(arrays.get(BIAS)));
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspace) {
    if (x == null) {
      throw notForward();
    }
    var dy = rowMajor(epsilon, workspace);
    Optional<INDArray> dx =
        layerConf().inputGradient()
            ? Optional.of(floats(workspace, ArrayType.ACTIVATION_GRAD, x.shape()))
            : Optional.empty();
    unit.backward(learned(paramTable()), x, y, dy, learned(gradientViews), dx);
    return new Pair<>(writtenGradient(), dx.map(this::backpropDropOutIfPresent).orElse(null));
  }

  @Override
  public void clear() {
    super.clear();
    x = null;
    y = null;
  }

  @Override
  public Type type() {
    return Type.CONVOLUTIONAL;
  }
}
