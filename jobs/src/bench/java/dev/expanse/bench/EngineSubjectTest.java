package dev.expanse.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineSubjectTest {
  private static final int SIDE = 64;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vgg-11",
        "vgg-11-bn",
        "googlenet",
        "resnet-18",
        "resnet-50",
        "densenet-121",
        "xception",
        "mobilenet-v1",
        "se-resnet-18",
        "mobilenet-v2",
        "shufflenet-v2-1.0",
        "ecnn"
      })
  void pyTorchHasParametersAndShapesOfTheNetwork(String name) {
    var workload = new EngineWorkload(name, SIDE, 2, 1);
    try (var model = PyTorchSubject.model(workload);
        var manager = model.getNDManager().newSubManager()) {
      model.getBlock().initialize(manager, DataType.FLOAT32, new Shape(2, 3, SIDE, SIDE));
      long count =
          model.getBlock().getParameters().values().stream()
              .filter(parameter -> !parameter.getName().startsWith("running"))
              .mapToLong(parameter -> parameter.getArray().size())
              .sum();
      assertThat(count).isEqualTo(Complexity.of(workload.network()).parameters());
      assertThatShapesAgree(workload.network(), model.getBlock().getChildren().values());
    }
  }

  /** A peer that computes smaller maps would look fast. */
  private static void assertThatShapesAgree(Network network, List<Block> blocks) {
    var shapes = new HashMap<Network.Node, Shape>();
    shapes.put(network.input(), new Shape(2, 3, SIDE, SIDE));
    var computed = network.nodes().subList(1, network.nodes().size());
    assertThat(blocks).hasSameSizeAs(computed);
    for (int i = 0; i < computed.size(); i++) {
      var node = computed.get(i);
      var inputs = node.inputs().stream().map(shapes::get).toArray(Shape[]::new);
      var shape = blocks.get(i).getOutputShapes(inputs)[0];
      shapes.put(node, shape);
      var map = node.shape();
      long[] expected =
          shape.dimension() == 2
              ? new long[] {2, map.size()}
              : new long[] {2, map.channels(), map.height(), map.width()};
      assertThat(shape.getShape()).as(node.toString()).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mobilenet-v2", "ecnn", "vgg-11-x0.1", "googlenet", "shufflenet-v2-1.0"})
  void stockDl4jHasAsManyParametersAsTheNetwork(String name) {
    var workload = new EngineWorkload(name, 32, 2, 1);
    var graph = Dl4jTraining.graph(workload, dev.expanse.core.dl4j.Engine.STOCK);
    long running =
        2
            * workload.network().nodes().stream()
                .filter(node -> node.operation() instanceof Operation.BatchNorm)
                .mapToLong(node -> node.shape().channels())
                .sum();
    assertThat(graph.numParams() - running)
        .isEqualTo(Complexity.of(workload.network()).parameters());
  }

  /**
   * In processes of their own, as in a benchmark: their native libraries need not bear each other.
   */
  @ParameterizedTest
  @MethodSource("kindsAndNetworks")
  void takesPositiveTimes(EngineSubjectKind kind, String network) {
    try (var subject = SubjectProcess.start(kind, new EngineWorkload(network, 32, 2, 1))) {
      for (var task : List.of(Task.train(2), Task.infer(1), Task.infer(2))) {
        if (kind == EngineSubjectKind.ONNX_RUNTIME && task.what() == Task.What.TRAIN) {
          assertThatThrownBy(() -> subject.measure(task, 1))
              .isInstanceOf(TaskRefusedException.class)
              .hasMessage("ONNX Runtime computes inference only");
        } else {
          assertThat(subject.measure(task, 1)).isNotEmpty().allMatch(ms -> ms > 0);
        }
      }
    }
  }

  /** Together these networks have all operations. */
  private static Stream<Arguments> kindsAndNetworks() {
    return Stream.of(
            "ecnn", "vgg-11-x0.1", "shufflenet-v2-0.5", "se-resnet-18", "densenet-121-x0.5")
        .flatMap(
            network ->
                Stream.of(EngineSubjectKind.values()).map(kind -> Arguments.of(kind, network)));
  }

  @Test
  void oneThatDiesIsNamedWithItsLastWords() {
    assertThatThrownBy(
            () ->
                SubjectProcess.start(
                    EngineSubjectKind.PYTORCH, new EngineWorkload("none", 32, 2, 1)))
        .isInstanceOf(SubjectFailedException.class)
        .hasMessageStartingWith("pytorch ended with status 1")
        .hasMessageContaining("InvalidInputException");
  }
}
