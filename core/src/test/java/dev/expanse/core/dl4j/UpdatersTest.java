package dev.expanse.core.dl4j;

import static dev.expanse.core.dl4j.SmallGraphs.BATCH;
import static dev.expanse.core.dl4j.SmallGraphs.copies;
import static dev.expanse.core.dl4j.SmallGraphs.data;
import static dev.expanse.core.dl4j.SmallGraphs.gradients;
import static dev.expanse.core.dl4j.SmallGraphs.learned;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.schedule.ISchedule;

class UpdatersTest {
  private static final int STEPS = 6;
  private static final double DECAY = 0.3;
  private static final ISchedule RATE = new WarmUp(2, new CosineDecay(0.05, STEPS));

  /** A rule in plain arithmetic: what a weight loses, from its gradient, state and step. */
  private interface Rule {
    double loss(double gradient, double[] state, int step, double rate);
  }

  /** An updater, with the same in plain arithmetic. */
  private enum Case {
    CLASSICAL(
        rate -> new Momentum(rate, 0.9),
        (g, s, t, rate) -> {
          s[0] = 0.9 * s[0] + rate * g;
          return s[0];
        }),
    NESTEROV( // Sutskever et al., 2013, at the weights to which the velocity has carried
        rate -> new Nesterovs(rate, 0.9),
        (g, s, t, rate) -> {
          double before = s[0];
          s[0] = 0.9 * s[0] - rate * g;
          return 0.9 * before - 1.9 * s[0];
        }),
    RMSPROP(
        rate -> new RmsPropMomentum(rate, 0.8, 0.7, 0.01),
        (g, s, t, rate) -> {
          if (t == 0) {
            s[0] = 1;
          }
          s[0] = 0.8 * s[0] + 0.2 * g * g;
          s[1] = 0.7 * s[1] + rate * g / Math.sqrt(s[0] + 0.01);
          return s[1];
        }),
    ADAMW( // Kingma, Ba, 2015, in the order of computation at the end of section 2
        rate -> adam(rate),
        (g, s, t, rate) -> {
          s[0] = 0.9 * s[0] + 0.1 * g;
          s[1] = 0.99 * s[1] + 0.01 * g * g;
          double unbiased = Math.sqrt(1 - Math.pow(0.99, t + 1)) / (1 - Math.pow(0.9, t + 1));
          return rate * unbiased * s[0] / (Math.sqrt(s[1]) + 1e-3);
        });

    private final Function<ISchedule, IUpdater> updater;
    private final Rule rule;

    Case(Function<ISchedule, IUpdater> updater, Rule rule) {
      this.updater = updater;
      this.rule = rule;
    }

    private WeightPenalty penalty() {
      return new WeightPenalty(DECAY, this == ADAMW);
    }
  }

  private static Adam adam(ISchedule rate) {
    var adam = new Adam(Double.NaN, 0.9, 0.99, 1e-3);
    adam.setLearningRateSchedule(rate);
    return adam;
  }

  @BeforeEach
  void oneThread() {
    NativeThreads.use(1);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Six updates are those of plain arithmetic, in double precision")
  void arithmetic(Case tested) {
    int size = 5;
    var updater = tested.updater.apply(RATE);
    var view = Nd4j.createUninitialized(DataType.DOUBLE, 1, updater.stateSize(size));
    var computation = updater.instantiate(view, true);
    IntToDoubleFunction gradients = i -> Math.sin(7 * i) * Math.pow(10, i % 3 - 1);
    var states = new double[size][2];

    for (int step = 0; step < STEPS; step++) {
      var gradient = Nd4j.create(DataType.DOUBLE, 1, size);
      for (int i = 0; i < size; i++) {
        gradient.putScalar(i, gradients.applyAsDouble(step * size + i));
      }
      computation.applyUpdater(gradient, step, 0);
      for (int i = 0; i < size; i++) {
        double g = gradients.applyAsDouble(step * size + i);
        double expected = tested.rule.loss(g, states[i], step, RATE.valueAt(step, 0));
        assertThat(gradient.getDouble(i)).isEqualTo(expected, within(1e-9 * Math.abs(expected)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CLASSICAL, STOCK", "CLASSICAL, ONEDNN",
    "NESTEROV,  STOCK", "NESTEROV,  ONEDNN",
    "RMSPROP,   STOCK", "RMSPROP,   ONEDNN",
    "ADAMW,     STOCK", "ADAMW,     ONEDNN",
  })
  @DisplayName("On a graph the same, where only weights of convolutions and classifier decay")
  void onGraph(Case tested, Engine engine) {
    var graph = graph(tested, engine);
    var data = data();
    var states = new HashMap<String, double[][]>();

    for (int step = 0; step < 3; step++) {
      var before = copies(graph.paramTable());
      var gradients = gradients(graph, data);
      graph.fit(data);
      for (var name : learned(graph)) {
        var state =
            states.computeIfAbsent(name, key -> new double[(int) before.get(key).length()][2]);
        assertThat(graph.paramTable().get(name).reshape(-1).toDoubleVector())
            .as("%s after step %d", name, step)
            .containsExactly(
                expected(tested, name, before.get(name), gradients.get(name), state, step),
                within(2e-5));
      }
    }
  }

  private static double[] expected(
      Case tested, String name, INDArray weights, INDArray gradients, double[][] state, int step) {
    double rate = RATE.valueAt(step, 0);
    double decay = name.endsWith("_W") ? DECAY : 0;
    var expected = weights.reshape(-1).toDoubleVector();
    var gradient = gradients.reshape(-1).toDoubleVector();
    for (int i = 0; i < expected.length; i++) {
      double penalty = decay * expected[i];
      double mean = gradient[i] / BATCH;
      expected[i] -=
          tested.penalty().decoupled()
              ? rate * penalty + tested.rule.loss(mean, state[i], step, rate)
              : tested.rule.loss(mean + penalty, state[i], step, rate);
    }
    return expected;
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("A graph's JSON keeps updater, schedule and decay; all parameters are one update")
  void json(Case tested) {
    var graph = graph(tested, Engine.ONEDNN);
    var configuration = graph.getConfiguration();

    var read = ComputationGraphConfiguration.fromJson(configuration.toJson());
    var again = new ComputationGraph(read);
    again.init(graph.params().dup(), false);

    assertThat(read).isEqualTo(configuration);
    again.fit(data());
    graph.fit(data());
    assertThat(again.params()).isEqualTo(graph.params());
    assertThat(again.getUpdater().getUpdaterBlocks()).hasSize(1);
    var updater = tested.updater.apply(RATE);
    assertThat(updater.clone()).isEqualTo(updater).hasSameHashCodeAs(updater);
    assertThat(updater).isNotEqualTo(tested.updater.apply(new CosineDecay(0.05, STEPS)));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "An L2 penalty is part of the loss, half of all decaying squares; decoupled decay is not")
  void score(Engine engine) {
    var free = SmallGraphs.create(engine, new Nesterovs(RATE, 0.9), WeightPenalty.NONE);
    double squares = 0;
    for (var entry : free.paramTable().entrySet()) {
      if (entry.getKey().endsWith("_W")) {
        squares += entry.getValue().mul(entry.getValue()).sumNumber().doubleValue();
      }
    }

    double loss = free.score(data());
    assertThat(graph(Case.ADAMW, engine).score(data())).isEqualTo(loss, within(1e-6));
    assertThat(graph(Case.NESTEROV, engine).score(data()))
        .isEqualTo(loss + DECAY / 2 * squares, within(1e-4 * squares));
  }

  private static ComputationGraph graph(Case tested, Engine engine) {
    return SmallGraphs.create(engine, tested.updater.apply(RATE), tested.penalty());
  }
}
