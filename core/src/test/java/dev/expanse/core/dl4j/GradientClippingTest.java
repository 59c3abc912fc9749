package dev.expanse.core.dl4j;

import static dev.expanse.core.dl4j.SmallGraphs.BATCH;
import static dev.expanse.core.dl4j.SmallGraphs.copies;
import static dev.expanse.core.dl4j.SmallGraphs.data;
import static dev.expanse.core.dl4j.SmallGraphs.gradients;
import static dev.expanse.core.dl4j.SmallGraphs.learned;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Nesterovs;

class GradientClippingTest {

  @BeforeEach
  void oneThread() {
    NativeThreads.use(1);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("A gradient's norm is clipped over the minibatch's mean, statistics left alone")
  void clipping(Engine engine) {
    var free = graph(engine);
    var gradients = gradients(free, data());
    double squares = 0;
    for (var name : learned(free)) {
      for (double g : gradients.get(name).reshape(-1).toDoubleVector()) {
        squares += g / BATCH * g / BATCH;
      }
    }
    double norm = Math.sqrt(squares);

    var loose = moved(engine, new GradientClipping(norm * 1.01));
    var half = moved(engine, new GradientClipping(norm / 2));

    assertThat(norm).isGreaterThan(0.01);
    var unclipped = moved(engine, null);
    for (var name : learned(free)) {
      assertThat(loose.get(name)).isEqualTo(unclipped.get(name));
      var expected = unclipped.get(name).mul(0.5);
      assertThat(half.get(name).sub(expected).amaxNumber().doubleValue()).isLessThan(1e-6);
    }
    for (var name : free.paramTable().keySet()) {
      if (!learned(free).contains(name)) {
        assertThat(half.get(name)).isEqualTo(unclipped.get(name));
        assertThat(half.get(name).amaxNumber().doubleValue()).isPositive();
      }
    }
  }

  /** How far a first step moves each parameter. */
  private static Map<String, INDArray> moved(Engine engine, GradientClipping clipping) {
    var graph = graph(engine);
    if (clipping != null) {
      graph.addListeners(clipping);
    }
    var before = copies(graph.paramTable());
    graph.fit(data());
    before.replaceAll((name, old) -> graph.paramTable().get(name).sub(old));
    return before;
  }

  private static ComputationGraph graph(Engine engine) {
    return SmallGraphs.create(engine, new Nesterovs(0.05, 0.9), WeightPenalty.NONE);
  }

  @Test
  @DisplayName("A largest norm of 0 or less is refused")
  void refused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new GradientClipping(0));
    assertThatIllegalArgumentException().isThrownBy(() -> new GradientClipping(Double.NaN));
  }
}
