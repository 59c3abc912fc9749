package dev.expanse.core.dl4j;

import dev.expanse.core.network.InitialWeights;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Weights;
import java.util.Arrays;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

/** A {@link Network} as a Deeplearning4j graph that can be trained. */
public final class Dl4jModel {
  private Dl4jModel() {}

  /**
   * How a graph is trained.
   *
   * @param updater the rule that changes the weights, with its learning rate
   * @param penalty what keeps weights small
   * @param seed of the first weights
   * @param fan what the first weights' variance goes by
   * @param precision of weights and activations, {@code FLOAT} or {@code DOUBLE}
   */
  public record Training(
      IUpdater updater,
      WeightPenalty penalty,
      long seed,
      InitialWeights.Fan fan,
      DataType precision) {
    /** With an L2 penalty, and first weights by their fan-in. */
    public Training(IUpdater updater, double weightDecay, long seed, DataType precision) {
      this(updater, WeightPenalty.l2(weightDecay), seed, InitialWeights.Fan.IN, precision);
    }
  }

  /**
   * A graph with {@link InitialWeights}. It takes images {@code [N, H, W, C]} and labels {@code [N,
   * classes]}, one-hot, and gives probabilities {@code [N, classes]}. With auxiliary classifiers it
   * gives theirs, too, behind the network's own, and takes labels for each of them ({@link
   * #minibatch}); its score is the weighted sum of all losses.
   *
   * @throws IllegalArgumentException if the engine has no layer for an operation of the network, or
   *     does not compute in that precision
   */
  public static ComputationGraph create(Network network, Engine engine, Training training) {
    engine.checkPrecision(training.precision());
    var graph = new ComputationGraph(configuration(network, engine, training));
    graph.init();
    setWeights(network, graph, InitialWeights.draw(network, training.seed(), training.fan()));
    return graph;
  }

  /**
   * A minibatch as a graph takes it, of either engine: each of its outputs, those of auxiliary
   * classifiers too, learns from the same labels.
   *
   * @param images {@code [N, H, W, C]}
   * @param labels {@code [N, classes]}
   */
  public static MultiDataSet minibatch(ComputationGraph graph, INDArray images, INDArray labels) {
    var all = new INDArray[graph.getNumOutputArrays()];
    Arrays.fill(all, labels);
    return new org.nd4j.linalg.dataset.MultiDataSet(new INDArray[] {images}, all);
  }

  /**
   * What a graph, of either engine, has learned.
   *
   * @param network what the graph was created from
   */
  public static Weights weights(Network network, ComputationGraph graph) {
    return new ModelWeights(network, graph).read();
  }

  /**
   * Sets all weights of a graph, of either engine, and leaves the state of its updater as it is.
   *
   * @param network what the graph was created from
   */
  public static void setWeights(Network network, ComputationGraph graph, Weights weights) {
    new ModelWeights(network, graph).write(weights);
  }

  /**
   * Frees a graph's arrays and the workspaces of this thread, as {@link ComputationGraph#close()}
   * does, but without collecting all garbage twice each time: in a large heap that takes seconds.
   */
  public static void close(ComputationGraph graph) {
    close(graph.params());
    close(graph.getGradientsViewArray());
    var updater = graph.getUpdater(false);
    close(updater == null ? null : updater.getStateViewArray());
    closeWorkspaces();
    NativeGarbage.collect();
  }

  /** Frees the workspaces of this thread, none of which may be in use. */
  public static void closeWorkspaces() {
    var workspaces = Nd4j.getWorkspaceManager();
    for (var workspace : workspaces.getAllWorkspacesForCurrentThread()) {
      workspaces.destroyWorkspace(workspace);
    }
  }

  private static void close(INDArray array) {
    if (array != null && array.closeable()) {
      array.close();
    }
  }

  private static ComputationGraphConfiguration configuration(
      Network network, Engine engine, Training training) {
    var image = network.input();
    var builder =
        new NeuralNetConfiguration.Builder()
            .seed(training.seed())
            .dataType(training.precision())
            .updater(training.updater())
            .graphBuilder()
            .addInputs(image.name());
    engine.addLayers(network, builder);
    var configuration =
        builder
            .setOutputs(outputs(network))
            .setInputTypes(
                InputType.convolutional(
                    image.shape().height(),
                    image.shape().width(),
                    image.shape().channels(),
                    CNN2DFormat.NHWC))
            .build();
    training.penalty().addTo(configuration);
    return configuration;
  }

  /** The network's output first, then those of auxiliary classifiers. */
  private static String[] outputs(Network network) {
    return Stream.concat(
            Stream.of(network.output()),
            network.auxiliaries().stream().map(Network.Auxiliary::logits))
        .map(Network.Node::name)
        .toArray(String[]::new);
  }
}
