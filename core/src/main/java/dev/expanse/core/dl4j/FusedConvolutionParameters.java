package dev.expanse.core.dl4j;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Where a {@link FusedConvolution} has its parameters in the flattened view. Gamma and beta lie
 * beside each other because oneDNN takes them as one array.
 */
final class FusedConvolutionParameters implements ParamInitializer {
  static final FusedConvolutionParameters INSTANCE = new FusedConvolutionParameters();

  /** {@code [outputs, inputs / groups, kernel, kernel]}. */
  static final String WEIGHTS = "W";

  static final String GAMMA = "gamma";
  static final String BETA = "beta";
  static final String MEAN = "mean";
  static final String VARIANCE = "var";

  private static final List<String> NORM = List.of(GAMMA, BETA, MEAN, VARIANCE);

  private FusedConvolutionParameters() {}

  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return numParams(conf.getLayer());
  }

  @Override
  public long numParams(Layer layer) {
    var convolution = (FusedConvolution) layer;
    return convolution.weights() + NORM.size() * convolution.getNOut();
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return List.of(WEIGHTS, GAMMA, BETA, MEAN, VARIANCE);
  }

  @Override
  public List<String> weightKeys(Layer layer) {
    return List.of(WEIGHTS);
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return List.of();
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return WEIGHTS.equals(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return false;
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray view, boolean initialize) {
    var layer = (FusedConvolution) conf.getLayer();
    var parameters = split(layer, view);
    if (initialize) { // Dl4jModel sets the weights that training starts from
      double fanIn = (double) layer.weights() / layer.getNOut();
      var weights = parameters.get(WEIGHTS);
      weights.assign(Nd4j.randn(weights.dataType(), weights.shape()).muli(Math.sqrt(2 / fanIn)));
      parameters.get(GAMMA).assign(1);
      parameters.get(BETA).assign(0);
      parameters.get(MEAN).assign(0);
      parameters.get(VARIANCE).assign(1);
    }
    parameters.keySet().forEach(conf::addVariable);
    return parameters;
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration conf, INDArray view) {
    return split((FusedConvolution) conf.getLayer(), view);
  }

  private static Map<String, INDArray> split(FusedConvolution layer, INDArray view) {
    var parameters = new LinkedHashMap<String, INDArray>();
    long outputs = layer.getNOut();
    long inputs = layer.getNIn() / layer.groups();
    int kernel = layer.kernel();
    parameters.put(
        WEIGHTS, part(view, 0, layer.weights()).reshape('c', outputs, inputs, kernel, kernel));
    for (int i = 0; i < NORM.size(); i++) {
      long from = layer.weights() + i * outputs;
      parameters.put(NORM.get(i), part(view, from, from + outputs).reshape('c', 1, outputs));
    }
    return parameters;
  }

  /** Gamma and beta as one array. */
  static INDArray gammaBeta(FusedConvolution layer, INDArray view) {
    return part(view, layer.weights(), layer.weights() + 2 * layer.getNOut());
  }

  /** Mean and variance as one array. */
  static INDArray statistics(FusedConvolution layer, INDArray view) {
    return part(view, layer.weights() + 2 * layer.getNOut(), view.length());
  }

  private static INDArray part(INDArray view, long from, long to) {
    return view.reshape(view.length()).get(NDArrayIndex.interval(from, to));
  }
}
