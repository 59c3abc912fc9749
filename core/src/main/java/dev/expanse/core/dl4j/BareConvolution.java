package dev.expanse.core.dl4j;

import static dev.expanse.core.dl4j.OneDnnParameters.BIAS;
import static dev.expanse.core.dl4j.OneDnnParameters.WEIGHTS;

import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.Convolution;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The configuration of a layer that is a convolution and activation at once, without the norm
 * behind it, if there is one: {@code W} and, if it has a bias, {@code b}.
 */
public final class BareConvolution extends OneDnnConvolution {
  private static final long serialVersionUID = 1L;

  /** For Jackson. */
  private BareConvolution() {}

  /**
   * @param inputs channels of the input
   * @param function the activation, if any
   * @param inputGradient whether anything reads the gradient of the input
   */
  BareConvolution(
      Convolution convolution,
      int inputs,
      Optional<Activation.Function> function,
      boolean inputGradient) {
    super(convolution, inputs, function, inputGradient);
  }

  @Override
  double epsilon() {
    return 0;
  }

  @Override
  OptionalDouble normMomentum() {
    return OptionalDouble.empty();
  }

  @Override
  Map<String, long[]> parameterShapes() {
    var shapes = new LinkedHashMap<String, long[]>();
    shapes.put(WEIGHTS, weightShape());
    if (bias()) {
      shapes.put(BIAS, new long[] {1, nOut});
    }
    return shapes;
  }

  @Override
  int workingArrays() {
    return 1; // the gradient before the activation
  }

  @Override
  OneDnnComputation<?> computation(NeuralNetConfiguration conf, DataType type) {
    return new BareConvolutionLayer(conf, type);
  }
}
