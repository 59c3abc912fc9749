package dev.expanse.jobs.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Networks;
import dev.expanse.core.onednn.CompiledNetwork;
import dev.expanse.core.onednn.CompiledNetwork.Choice;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import dev.expanse.jobs.recipe.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Every family on our layers, one on Deeplearning4j's; {@code -Dexpanse.networks=all}: every
 * network that has a name, on both; {@code =onednn} or {@code =stock}: on that engine; with {@code
 * -Dexpanse.names=resnet-.*} those of such names. The largest need a heap of 8 GB, for the driver
 * and the worker are in one JVM: {@code -Dtest.heap=8g -Dtest.physical=14g}.
 */
class FamiliesTrainingTest {
  /** Engines of every network that has a name. */
  private static final List<Engine> ENGINES = engines(System.getProperty("expanse.networks"));

  private static final String NAMES = System.getProperty("expanse.names", ".*");

  /** The smallest of each family and of its options, a quarter as wide. */
  private static final List<String> SMALLEST =
      List.of(
          "base = vgg-11, width = 0.25",
          "base = vgg-11-bn, width = 0.25",
          "base = googlenet, width = 0.25, auxiliary = true",
          "base = resnet-18, width = 0.25",
          "base = densenet-121, width = 0.25",
          "base = xception, width = 0.25, middle = 2",
          "base = mobilenet-v1, width = 0.25",
          "base = se-resnet-18, width = 0.25",
          "base = mobilenet-v2, width = 0.25, squeeze-excite = 4",
          "base = shufflenet-v2-0.5");

  /** Thirty steps. */
  private static final String RECIPE =
      """
      batch = 16, images = 480, learning-rate = 0.01, averaging { frequency = 5 }
      optimizer { name = sgd, momentum = 0.9 }, gradient-clipping = 5
      """;

  @TempDir private static Path results;

  static Stream<Arguments> networks() {
    if (!ENGINES.isEmpty()) {
      var engines = ENGINES.toArray(Engine[]::new);
      return Networks.names().stream()
          .filter(name -> name.matches(NAMES))
          .flatMap(name -> on(base(name), engines));
    }
    // Deeplearning4j's own layers take up to half a minute for each of the others
    return SMALLEST.stream()
        .flatMap(
            network ->
                network.contains("shufflenet")
                    ? on(network, Engine.values())
                    : on(network, Engine.ONEDNN));
  }

  private static List<Engine> engines(String asked) {
    return Stream.of(Engine.values())
        .filter(engine -> "all".equals(asked) || engine.id().equals(asked))
        .toList();
  }

  private static Stream<Arguments> on(String network, Engine... engines) {
    return Stream.of(engines).map(engine -> Arguments.of(network, engine));
  }

  private static String base(String name) {
    boolean large = name.equals("xception") || name.matches("vgg-1[69].*");
    // its noise is larger than what thirty steps gain
    boolean noisy = name.matches("vgg-.*-bn");
    return "base = " + name + (large ? ", width = 0.25" : "") + (noisy ? ", dropout = 0" : "");
  }

  @ParameterizedTest(name = "{0} on {1}")
  @MethodSource("networks")
  @DisplayName("Thirty steps lower the loss, and the compiled plan answers as the trained graph")
  void trains(String network, Engine engine) {
    var dataset =
        Dataset.open(
            LocalSpark.session(), "sample", new org.apache.hadoop.fs.Path(results.toUri()));
    var spec =
        NetworkSpec.read(Settings.parse("name = tried, " + network, "tried.conf"))
            .withResolution(64)
            .withClasses(dataset.classes().size());
    var recipe = Recipe.read(Settings.parse(RECIPE, "recipe.conf"));
    var losses = new ArrayList<Double>();

    var graph =
        new AveragedTraining(
                LocalSpark.context(), dataset, spec, recipe, 1, new Compute(engine, 1), 1)
            .run(round -> losses.add(round.loss()));

    assertThat(losses).hasSize(6);
    assertThat(losses.get(4) + losses.get(5)).isLessThan(losses.get(0) + losses.get(1));
    requireSameAnswers(spec, graph);
  }

  private static void requireSameAnswers(NetworkSpec spec, ComputationGraph graph) {
    var network = spec.network();
    Nd4j.getRandom().setSeed(3);
    INDArray images = Nd4j.randn(DataType.FLOAT, 4, 64, 64, 3);
    var weights = Dl4jModel.weights(network, graph);
    try (var plan = CompiledNetwork.compile(network, weights, 4, 1, Choice.REPEATABLE)) {
      var difference = plan.probabilities(images).sub(graph.output(images)[0]);
      assertThat(difference.amaxNumber().doubleValue()).isLessThan(1e-4);
    } finally {
      Dl4jModel.close(graph);
    }
  }
}
