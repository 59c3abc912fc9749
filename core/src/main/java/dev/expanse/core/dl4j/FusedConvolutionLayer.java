package dev.expanse.core.dl4j;

import static dev.expanse.core.dl4j.FusedConvolutionParameters.MEAN;
import static dev.expanse.core.dl4j.FusedConvolutionParameters.VARIANCE;
import static dev.expanse.core.dl4j.FusedConvolutionParameters.WEIGHTS;

import dev.expanse.core.onednn.ConvNormActivationUnit;
import dev.expanse.core.onednn.ConvNormActivationUnit.Gradients;
import dev.expanse.core.onednn.ConvNormActivationUnit.Kept;
import dev.expanse.core.onednn.ConvNormActivationUnit.Learned;
import dev.expanse.core.onednn.RowMajor;
import dev.expanse.core.onednn.UnitShape;
import java.util.Optional;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.regularization.L2Regularization;

/**
 * Computes a {@link FusedConvolution} on oneDNN.
 *
 * <p>A step's backward pass moves the running statistics itself, and their gradient is zero. As
 * gradients of their own, with an updater that does nothing, they would cut DL4J's one update of
 * all parameters into two for every layer.
 */
final class FusedConvolutionLayer extends BaseLayer<FusedConvolution> {
  private static final long serialVersionUID = 1L;

  private transient ConvNormActivationUnit unit;
  private transient Learned learned;
  private transient Kept kept;
  private transient INDArray gammaBetaGradient;
  private transient INDArray statisticsGradient;

  FusedConvolutionLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  public void setParamsViewArray(INDArray view) {
    super.setParamsViewArray(view);
    learned = null;
  }

  @Override
  public void setBackpropGradientsViewArray(INDArray view) {
    super.setBackpropGradientsViewArray(view);
    gammaBetaGradient = FusedConvolutionParameters.gammaBeta(layerConf(), view);
    statisticsGradient = FusedConvolutionParameters.statistics(layerConf(), view);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspace) {
    assertInputSet(false);
    applyDropOutIfNecessary(training, workspace);
    var kind = training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM;
    var x = RowMajor.is(input) ? input : workspace.dup(kind, input, 'c');
    var shape = unitOn(x).shape().outputShape();
    var y = workspace.createUninitialized(ArrayType.ACTIVATIONS, DataType.FLOAT, shape, 'c');
    if (training) {
      long[] channels = {layerConf().getNOut()};
      kept =
          new Kept(
              x,
              workspace.createUninitialized(ArrayType.INPUT, DataType.FLOAT, shape, 'c'),
              workspace.createUninitialized(ArrayType.INPUT, DataType.FLOAT, channels, 'c'),
              workspace.createUninitialized(ArrayType.INPUT, DataType.FLOAT, channels, 'c'),
              y);
      unit.train(learned(), kept);
    } else {
      unit.infer(learned(), x, getParam(MEAN), getParam(VARIANCE), y);
    }
    return y;
  }

  private ConvNormActivationUnit unitOn(INDArray x) {
    var conf = layerConf();
    if (x.rank() != 4) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot convolve in '%s': expected an input of [N, H, W, %d], not of rank %d",
              conf.getLayerName(), conf.getNIn(), x.rank()));
    }
    if (unit == null
        || unit.shape().batch() != x.size(0)
        || unit.shape().height() != x.size(1)
        || unit.shape().width() != x.size(2)) {
      unit =
          new ConvNormActivationUnit(
              new UnitShape(
                  (int) x.size(0),
                  (int) x.size(1),
                  (int) x.size(2),
                  (int) conf.getNIn(),
                  (int) conf.getNOut(),
                  conf.kernel(),
                  conf.stride(),
                  conf.groups(),
                  conf.function(),
                  (float) conf.epsilon()));
    }
    return unit;
  }

  private Learned learned() {
    if (learned == null) {
      learned =
          new Learned(
              getParam(WEIGHTS),
              FusedConvolutionParameters.gammaBeta(layerConf(), paramsFlattened));
    }
    return learned;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspace) {
    if (kept == null) {
      throw new IllegalStateException(
          "Cannot go backward in '" + layerConf().getLayerName() + "' before going forward");
    }
    // what comes from pooling is a broadcast view
    var dy = RowMajor.is(epsilon) ? epsilon : workspace.dup(ArrayType.BP_WORKING_MEM, epsilon, 'c');
    Optional<INDArray> dx =
        layerConf().inputGradient()
            ? Optional.of(
                workspace.createUninitialized(
                    ArrayType.ACTIVATION_GRAD, DataType.FLOAT, kept.x().shape(), 'c'))
            : Optional.empty();
    unit.backward(
        learned(), kept, dy, new Gradients(gradientViews.get(WEIGHTS), gammaBetaGradient, dx));
    float momentum = (float) layerConf().momentum();
    RowMajor.approach(getParam(MEAN), kept.mean(), momentum);
    RowMajor.approach(getParam(VARIANCE), kept.variance(), momentum);
    RowMajor.clear(statisticsGradient);
    weightNoiseParams.clear();

    var gradient = new DefaultGradient(gradientsFlattened);
    for (var name : conf.variables()) {
      gradient.gradientForVariable().put(name, gradientViews.get(name));
    }
    return new Pair<>(gradient, dx.map(this::backpropDropOutIfPresent).orElse(null));
  }

  @Override
  public double calcRegularizationScore(boolean backpropagatedOnly) {
    var penalties = layerConf().getRegularizationByParam(WEIGHTS);
    if (penalties == null) {
      return 0;
    }
    var weights = learned().weights();
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
  private static double squares(INDArray array) {
    var row = array.reshape(array.length());
    return Nd4j.getBlasWrapper().dot(row, row);
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

  @Override
  public boolean isPretrainLayer() {
    return false;
  }
}
