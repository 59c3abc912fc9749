package dev.expanse.jobs.averaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.dl4j.RmsPropMomentum;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Operation;
import dev.expanse.core.network.Weights;
import dev.expanse.core.network.Weights.Parameter;
import dev.expanse.jobs.LocalSpark;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.api.java.JavaRDD;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

class AveragingMasterTest {
  private static final int SIDE = 8;
  private static final int CLASSES = 3;
  private static final NetworkSpec WITH_NORMS =
      NetworkSpec.read(
          Settings.parse(
              """
              name = small, family = inverted-residual, resolution = 8, classes = 3, dropout = 0
              table = [[1, 8, 1, 1, 3], [3, 8, 2, 2, 3]], stem = 8, head = 16
              """,
              "small.conf"));

  @ParameterizedTest(name = "minibatches of {0}")
  @CsvSource({"6", "4 2", "3 1 2 5", "4 0 1 1"})
  @DisplayName("Averaged at each step, plain SGD is that of one machine on the joined minibatch")
  void joinedMinibatch(String sizes) {
    var counts = List.of(sizes.split(" ")).stream().map(Integer::valueOf).toList();
    int all = counts.stream().mapToInt(i -> i).sum();
    var averaged = new ComputationGraph(withoutNorms());
    averaged.init();
    var alone = averaged.clone();
    try (var master = new AveragingMaster(true, OuterOptimizer.average())) {
      var network = new SparkComputationGraph(LocalSpark.context(), averaged, master);
      for (int step = 0; step < 50; step++) {
        var joined = minibatch(all, step);
        network.fitMultiDataSet(parts(joined, counts));
        alone.getConfiguration().setIterationCount(step); // clone() loses it
        alone.fit(joined);
        assertThat(network.getScore()).isEqualTo(alone.score(), within(1e-4));
        assertThat(master.report().images()).isEqualTo(all);
      }
    }

    assertThat(distance(averaged.params(), alone.params())).isLessThan(1e-5);
    var fresh = new ComputationGraph(withoutNorms());
    fresh.init();
    assertThat(distance(alone.params(), fresh.params())).as("learned").isGreaterThan(0.1);
    assertThat(averaged.getConfiguration().getIterationCount()).isEqualTo(50);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "Norms' statistics are combined as those of all activations, the workers' means apart")
  void moments(Engine engine) {
    var counts = List.of(2, 6, 4);
    var joined = minibatch(12, 1);
    // far apart, as classes are when each worker has others
    var images = joined.getFeatures(0);
    images.get(NDArrayIndex.interval(0, 2)).addi(5);
    engine.useThreads(1);
    var graph = withNorms(engine);
    var workers = new ArrayList<float[]>();
    for (var part : split(joined, counts)) {
      var worker = withNorms(engine);
      worker.fit(part);
      workers.add(GraphState.parameters(worker));
    }
    try (var master = new AveragingMaster(true, OuterOptimizer.average())) {
      new SparkComputationGraph(LocalSpark.context(), graph, master)
          .fitMultiDataSet(parts(joined, counts));
    }

    var read = Dl4jModel.weights(WITH_NORMS.network(), graph);
    int compared = 0;
    for (var node : WITH_NORMS.network().nodes()) {
      if (!(node.operation() instanceof Operation.BatchNorm)) {
        continue;
      }
      var means = new ArrayList<float[]>();
      var variances = new ArrayList<float[]>();
      for (var values : workers) {
        var worker = withNorms(engine);
        GraphState.setParameters(worker, values);
        var weights = Dl4jModel.weights(WITH_NORMS.network(), worker);
        means.add(weights.get(node, Parameter.MEAN));
        variances.add(weights.get(node, Parameter.VARIANCE));
      }
      var mean = read.get(node, Parameter.MEAN);
      var variance = read.get(node, Parameter.VARIANCE);
      for (int c = 0; c < mean.length; c++) {
        double m = 0;
        double square = 0;
        for (int w = 0; w < 3; w++) {
          double share = counts.get(w) / 12.0;
          m += share * means.get(w)[c];
          square += share * (variances.get(w)[c] + Math.pow(means.get(w)[c], 2));
        }
        assertThat((double) mean[c]).isEqualTo(m, within(1e-5));
        assertThat((double) variance[c]).isEqualTo(square - m * m, within(1e-4 * square + 1e-6));
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(50);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Recomputed statistics are those of all images under the weights as they are")
  void recomputed(Engine engine) {
    engine.useThreads(1);
    var graph = withNorms(engine);
    var counts = List.of(4, 8);
    for (int step = 0; step < 5; step++) {
      graph.fit(minibatch(8, step));
    }
    var before = Dl4jModel.weights(WITH_NORMS.network(), graph);
    var joined = minibatch(12, 9);
    try (var master = new AveragingMaster(true, OuterOptimizer.average())) {
      var network = new SparkComputationGraph(LocalSpark.context(), graph, master);
      master.recomputeStatistics(network, parts(joined, counts));
    }

    // the first norm sees the first convolution's outputs, which depend on no other norm
    var stock = withNorms(Engine.STOCK);
    Dl4jModel.setWeights(WITH_NORMS.network(), stock, before);
    var convolution = WITH_NORMS.network().nodes().get(1);
    var norm = WITH_NORMS.network().nodes().get(2);
    var outputs = stock.feedForward(joined.getFeatures(0), false).get(convolution.name());
    var after = Dl4jModel.weights(WITH_NORMS.network(), graph);
    var mean = outputs.mean(0, 1, 2);
    var variance = outputs.var(false, 0, 1, 2);
    for (int c = 0; c < mean.length(); c++) {
      assertThat(after.get(norm, Parameter.MEAN)[c]).isEqualTo(mean.getFloat(c), within(1e-4f));
      assertThat(after.get(norm, Parameter.VARIANCE)[c])
          .isEqualTo(variance.getFloat(c), within(1e-3f * variance.getFloat(c)));
    }
    for (var node : WITH_NORMS.network().nodes()) {
      for (var parameter : Weights.sizes(node).keySet()) {
        if (parameter != Parameter.MEAN && parameter != Parameter.VARIANCE) {
          assertThat(after.get(node, parameter)).isEqualTo(before.get(node, parameter));
        }
      }
    }
  }

  @Test
  @DisplayName("Momenta are averaged by the images seen, or begin each round as the first one")
  void momenta() {
    for (var updater :
        List.of(
            new Nesterovs(0.05, 0.9), new RmsPropMomentum(new FixedSchedule(0.01), 0.9, 0.9, 1))) {
      var fresh = new ComputationGraph(withoutNorms(updater));
      fresh.init();
      var kept = afterRounds(updater, true);
      var reset = afterRounds(updater, false);

      assertThat(GraphState.updater(kept)).isNotEqualTo(GraphState.updater(fresh));
      assertThat(GraphState.updater(reset)).isEqualTo(GraphState.updater(fresh));
      assertThat(distance(kept.params(), reset.params())).isGreaterThan(1e-4);
    }
  }

  private static ComputationGraph afterRounds(IUpdater updater, boolean averageUpdater) {
    var graph = new ComputationGraph(withoutNorms(updater));
    graph.init();
    try (var master = new AveragingMaster(averageUpdater, OuterOptimizer.average())) {
      var network = new SparkComputationGraph(LocalSpark.context(), graph, master);
      for (int round = 0; round < 3; round++) {
        network.fitMultiDataSet(parts(minibatch(6, round), List.of(2, 4)));
      }
    }
    return graph;
  }

  @Test
  @DisplayName("Nothing of a round stays in Spark's storage, and a round without images is refused")
  void leavesNothing() {
    afterRounds(new Sgd(0.1), true);
    assertThat(LocalSpark.context().getPersistentRDDs()).isEmpty();

    var graph = new ComputationGraph(withoutNorms());
    graph.init();
    try (var master = new AveragingMaster(true, OuterOptimizer.average())) {
      var network = new SparkComputationGraph(LocalSpark.context(), graph, master);
      assertThatThrownBy(() -> network.fitMultiDataSet(parts(minibatch(1, 0), List.of(0, 0))))
          .hasMessageContaining("Cannot average over no minibatch");
    }
  }

  private static ComputationGraphConfiguration withoutNorms() {
    ISchedule falling = new StepSchedule(ScheduleType.ITERATION, 0.2, 0.5, 20);
    return withoutNorms(new Sgd(falling));
  }

  private static ComputationGraphConfiguration withoutNorms(IUpdater updater) {
    return new NeuralNetConfiguration.Builder()
        .seed(1)
        .updater(updater)
        .l2(1e-3)
        .graphBuilder()
        .addInputs("image")
        .addLayer(
            "conv",
            new ConvolutionLayer.Builder(3, 3)
                .nOut(6)
                .activation(Activation.TANH)
                .dataFormat(CNN2DFormat.NHWC)
                .build(),
            "image")
        .addLayer(
            "out",
            new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build(),
            "conv")
        .setOutputs("out")
        .setInputTypes(InputType.convolutional(SIDE, SIDE, 3, CNN2DFormat.NHWC))
        .build();
  }

  private static ComputationGraph withNorms(Engine engine) {
    return Dl4jModel.create(
        WITH_NORMS.network(), engine, new Dl4jModel.Training(new Sgd(0.05), 0, 1, DataType.FLOAT));
  }

  /** Images of which the mean says the class. */
  private static MultiDataSet minibatch(int size, long seed) {
    var random = new Random(seed);
    var images = new float[size * SIDE * SIDE * 3];
    var labels = new float[size * CLASSES];
    for (int i = 0; i < size; i++) {
      int label = random.nextInt(CLASSES);
      labels[i * CLASSES + label] = 1;
      for (int j = 0; j < SIDE * SIDE * 3; j++) {
        images[i * SIDE * SIDE * 3 + j] = (float) (label - 1 + random.nextGaussian());
      }
    }
    return new org.nd4j.linalg.dataset.MultiDataSet(
        Nd4j.create(images, new long[] {size, SIDE, SIDE, 3}, 'c'),
        Nd4j.create(labels, new long[] {size, CLASSES}, 'c'));
  }

  private static List<MultiDataSet> split(MultiDataSet joined, List<Integer> counts) {
    var parts = new ArrayList<MultiDataSet>();
    int from = 0;
    for (int count : counts) {
      if (count > 0) {
        var rows = NDArrayIndex.interval(from, from + count);
        parts.add(
            new org.nd4j.linalg.dataset.MultiDataSet(
                joined.getFeatures(0).get(rows).dup(), joined.getLabels(0).get(rows).dup()));
      }
      from += count;
    }
    return parts;
  }

  /** Each part in a partition of its own; a count of 0 is an empty partition. */
  private static JavaRDD<MultiDataSet> parts(MultiDataSet joined, List<Integer> counts) {
    var parts = split(joined, counts).iterator();
    var partitions =
        counts.stream()
            .map(
                count -> count == 0 ? List.<MultiDataSet>of() : List.<MultiDataSet>of(parts.next()))
            .toList();
    return LocalSpark.context().parallelize(partitions, counts.size()).flatMap(List::iterator);
  }

  private static double distance(INDArray a, INDArray b) {
    return a.distance2(b) / b.norm2Number().doubleValue();
  }
}
