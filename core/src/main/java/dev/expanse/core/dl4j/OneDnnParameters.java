package dev.expanse.core.dl4j;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Where a {@link OneDnnLayer} has its parameters in the flattened view. Gamma and beta lie beside
 * each other because oneDNN takes them as one array.
 */
final class OneDnnParameters implements ParamInitializer {
  static final OneDnnParameters INSTANCE = new OneDnnParameters();

  /** {@code [outputs, inputs / groups, kernel, kernel]}. */
  static final String WEIGHTS = "W";

  static final String BIAS = "b";
  static final String GAMMA = "gamma";
  static final String BETA = "beta";
  static final String MEAN = "mean";
  static final String VARIANCE = "var";

  private OneDnnParameters() {}

  /** Those of a norm. */
  static Map<String, long[]> normShapes(long channels) {
    var shapes = new LinkedHashMap<String, long[]>();
    for (var name : List.of(GAMMA, BETA, MEAN, VARIANCE)) {
      shapes.put(name, new long[] {1, channels});
    }
    return shapes;
  }

  @Override
  public long numParams(NeuralNetConfiguration conf) {
    return numParams(conf.getLayer());
  }

  @Override
  public long numParams(Layer layer) {
    return shapes(layer).values().stream().mapToLong(OneDnnParameters::length).sum();
  }

  @Override
  public List<String> paramKeys(Layer layer) {
    return List.copyOf(shapes(layer).keySet());
  }

  @Override
  public List<String> weightKeys(Layer layer) {
    return paramKeys(layer).stream().filter(WEIGHTS::equals).toList();
  }

  @Override
  public List<String> biasKeys(Layer layer) {
    return paramKeys(layer).stream().filter(BIAS::equals).toList();
  }

  @Override
  public boolean isWeightParam(Layer layer, String key) {
    return WEIGHTS.equals(key);
  }

  @Override
  public boolean isBiasParam(Layer layer, String key) {
    return BIAS.equals(key);
  }

  @Override
  public Map<String, INDArray> init(
      NeuralNetConfiguration conf, INDArray view, boolean initialize) {
    var parameters = split(conf.getLayer(), view);
    if (initialize) { // Dl4jModel sets the weights that training starts from
      parameters.forEach(OneDnnParameters::initialize);
    }
    parameters.keySet().forEach(conf::addVariable);
    return parameters;
  }

  private static void initialize(String name, INDArray values) {
    switch (name) {
      case WEIGHTS -> {
        double fanIn = (double) values.length() / values.size(0);
        try (var drawn = Nd4j.randn(values.dataType(), values.shape())) {
          values.assign(drawn.muli(Math.sqrt(2 / fanIn)));
        }
      }
      case GAMMA, VARIANCE -> values.assign(1);
      default -> values.assign(0);
    }
  }

  @Override
  public Map<String, INDArray> getGradientsFromFlattened(
      NeuralNetConfiguration conf, INDArray view) {
    return split(conf.getLayer(), view);
  }

  private static Map<String, INDArray> split(Layer layer, INDArray view) {
    var parameters = new LinkedHashMap<String, INDArray>();
    long first = 0;
    for (var shape : shapes(layer).entrySet()) {
      long end = first + length(shape.getValue());
      parameters.put(shape.getKey(), part(view, first, end).reshape('c', shape.getValue()));
      first = end;
    }
    return parameters;
  }

  /**
   * Two parameters that lie beside each other, as one array.
   *
   * @param first the name of the first of them
   */
  static INDArray pair(OneDnnLayer layer, INDArray view, String first) {
    long from = 0;
    for (var shape : shapes(layer).entrySet()) {
      if (shape.getKey().equals(first)) {
        return part(view, from, from + 2 * length(shape.getValue()));
      }
      from += length(shape.getValue());
    }
    throw new IllegalArgumentException("Cannot find '" + first + "' in " + layer);
  }

  private static INDArray part(INDArray view, long from, long to) {
    return view.reshape(view.length()).get(NDArrayIndex.interval(from, to));
  }

  private static Map<String, long[]> shapes(Layer layer) {
    return ((OneDnnLayer) layer).parameterShapes();
  }

  private static long length(long[] shape) {
    return LongStream.of(shape).reduce(1, Math::multiplyExact);
  }
}
