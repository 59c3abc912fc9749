package dev.expanse.core.onednn;

import static dev.expanse.core.network.Operation.Activation.Function.RELU;
import static dev.expanse.core.network.Operation.Activation.Function.RELU6;
import static dev.expanse.core.onednn.AgainstDefinition.CLASSES;
import static dev.expanse.core.onednn.AgainstDefinition.agrees;
import static dev.expanse.core.onednn.AgainstDefinition.assertClose;
import static dev.expanse.core.onednn.AgainstDefinition.images;
import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Networks;
import dev.expanse.core.network.Operation.Activation;
import dev.expanse.core.network.Operation.Add;
import dev.expanse.core.network.Operation.BatchNorm;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dropout;
import dev.expanse.core.network.Operation.GlobalAveragePool;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.nativeblas.NativeOpsHolder;

class CompiledNetworkTest {
  @ParameterizedTest
  @CsvSource({
    "mobilenet-v2, 32, 3",
    "mobilenet-v2, 33, 1",
    "mobilenet-v2, 31, 8",
    "ecnn, 32, 3",
    "ecnn, 31, 1",
    "ecnn, 33, 8"
  })
  @DisplayName("Probabilities are those of Deeplearning4j's own layers, at odd resolutions too")
  void agreesWithStockLayers(String name, int resolution, int batch) {
    var network = Networks.named(name).withClasses(100).withResolution(resolution).network();
    var training = new Dl4jModel.Training(new NoOp(), 0, 1, DataType.FLOAT);
    var graph = Dl4jModel.create(network, Engine.STOCK, training);
    Dl4jModel.setWeights(network, graph, TrainedWeights.drawn(network, 2));
    var weights = Dl4jModel.weights(network, graph);
    var images = images(network, batch);

    try (var compiled = CompiledNetwork.compile(network, weights, batch, 1)) {
      var probabilities = compiled.probabilities(images);

      assertThat(probabilities.maxNumber().doubleValue()).isGreaterThan(0.02); // of 100 classes
      assertClose(probabilities, graph.output(images)[0], 1e-4);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 6})
  @DisplayName("A batch's size changes no image's probabilities, at large feature maps too")
  void batches(int batch) {
    var network = Networks.named("ecnn").withClasses(CLASSES).withResolution(96).network();
    var weights = TrainedWeights.drawn(network, 1);
    var images = images(network, batch);

    try (var one = CompiledNetwork.compile(network, weights, 1, 1);
        var all = CompiledNetwork.compile(network, weights, batch, 1)) {
      var probabilities = all.probabilities(images);

      for (int n = 0; n < batch; n++) {
        var image = images.get(NDArrayIndex.interval(n, n + 1));
        assertClose(probabilities.getRow(n, true), one.probabilities(image.dup('c')), 1e-4);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "3, 1, 8",
    "3, 2, 9",
    "5, 1, 8",
    "5, 2, 9",
    "7, 1, 8",
    "7, 2, 9",
    "1, 2, 9",
    "3, 3, 10"
  })
  @DisplayName("Dense, depthwise and grouped convolutions of all kernels and strides are right")
  void convolutions(int kernel, int stride, int side) {
    agrees(
        side,
        (builder, image) -> {
          var x = builder.convolution("a", new Convolution(12, kernel, stride, 1), RELU, image);
          x = builder.convolution("b", new Convolution(12, kernel, 1, 12), RELU6, x);
          x = builder.convolution("c", new Convolution(24, kernel, stride, 12), RELU6, x);
          x = builder.convolution("d", new Convolution(20, kernel, 1, 4), RELU, x);
          return builder.convolution("e", new Convolution(33, 1, 1, 1), null, x);
        });
  }

  @Test
  @DisplayName("A convolution without norm has no bias, with an activation or without")
  void withoutNorm() {
    agrees(
        9,
        (builder, image) -> {
          var x = builder.add("a", new Convolution(7, 3, 1, 1), image);
          x = builder.add("act", new Activation(RELU), x);
          x = builder.add("b", new Convolution(18, 3, 2, 1), x);
          return builder.add("c", new Convolution(18, 3, 1, 18), x);
        });
  }

  @Test
  @DisplayName("A norm or an activation that follows no convolution is computed by itself")
  void byThemselves() {
    agrees(
        7,
        (builder, image) -> {
          var x = builder.add("first", new BatchNorm(), image);
          x = builder.add("positive", new Activation(RELU6), x);
          x = builder.convolution("a", new Convolution(8, 3, 1, 1), null, x);
          var act = builder.add("act", new Activation(RELU), x);
          var norm = builder.add("norm", new BatchNorm(), x);
          x = builder.add("sum", new Add(), act, norm);
          x = builder.add("pool", new GlobalAveragePool(), x);
          x = builder.add("norm2", new BatchNorm(1e-3, 0.9), x);
          x = builder.add("drop", new Dropout(0.5), x);
          return builder.add("act2", new Activation(RELU), x);
        });
  }

  @Test
  @DisplayName("A residual add comes before or after the activation, as the network says")
  void residuals() {
    agrees(
        8,
        (builder, image) -> {
          var x = builder.convolution("stem", new Convolution(16, 3, 1, 1), RELU, image);
          var y = builder.convolution("a1", new Convolution(16, 3, 1, 1), RELU, x);
          y = builder.convolution("a2", new Convolution(16, 3, 1, 1), null, y);
          y = builder.add("a.add", new Add(), y, x);
          x = builder.add("a.act", new Activation(RELU), y); // as in ResNet
          y = builder.convolution("b1", new Convolution(16, 1, 1, 1), RELU6, x);
          x = builder.add("b.add", new Add(), x, y); // the activation inside
          y = builder.convolution("c1", new Convolution(24, 3, 2, 1), null, x);
          var down = builder.convolution("down", new Convolution(24, 1, 2, 1), null, x);
          x = builder.add("c.add", new Add(), y, down); // a convolution as shortcut
          x = builder.add("c.act", new Activation(RELU6), x);
          return builder.add("c.act2", new Activation(RELU), x);
        });
  }

  @Test
  @DisplayName("A shortcut that is read again, or by the convolution itself, is not overwritten")
  void shortcutsThatLive() {
    agrees(
        8,
        (builder, image) -> {
          var same = builder.convolution("same", new Convolution(3, 3, 1, 1), null, image);
          var x = builder.add("image.add", new Add(), image, same);
          x = builder.convolution("stem", new Convolution(16, 3, 1, 1), RELU, x);
          var y = builder.convolution("a", new Convolution(16, 3, 1, 1), null, x);
          y = builder.add("a.add", new Add(), x, y); // "a" reads what it is added to
          var z = builder.convolution("b1", new Convolution(8, 1, 1, 1), RELU6, y);
          z = builder.convolution("b2", new Convolution(16, 1, 1, 1), RELU6, z);
          z = builder.add("b.add", new Add(), y, z);
          z = builder.add("b.act", new Activation(RELU), z);
          var late = builder.add("late", new Add(), z, y); // "a.add" is read again
          return builder.add("twice", new Add(), late, late);
        });
  }

  @Test
  @DisplayName("An image that is the only feature map, and classes without a classifier")
  void smallest() {
    var builder = Network.forImages(5);
    builder.add("pool", new GlobalAveragePool(), builder.image());
    agrees(builder.build(), 3, 1);
    agrees(Network.forImages(1).build(), 4, 1);
  }

  @Test
  @DisplayName("One thread and two agree; repeated runs are identical to the bit")
  void repeatable() {
    var network = Networks.named("mobilenet-v2").withClasses(CLASSES).withResolution(64).network();
    var weights = TrainedWeights.drawn(network, 3);
    var images = images(network, 2);

    try (var one = CompiledNetwork.compile(network, weights, 2, 1);
        var two = CompiledNetwork.compile(network, weights, 2, 2)) {
      var expected = one.probabilities(images);

      assertThat(one.probabilities(images)).isEqualTo(expected);
      assertThat(two.probabilities(images)).isEqualTo(two.probabilities(images));
      assertClose(two.probabilities(images), expected, 1e-5);
    }
  }

  @Test
  @DisplayName("The caller's number of native threads is the same after as before")
  void leavesThreadsAlone() {
    var ops = NativeOpsHolder.getInstance().getDeviceNativeOps();
    int before = ops.ompGetMaxThreads();
    var network = Networks.named("ecnn").withClasses(CLASSES).withResolution(32).network();

    try (var compiled =
        CompiledNetwork.compile(network, TrainedWeights.drawn(network, 1), 1, before + 1)) {
      assertThat(ops.ompGetMaxThreads()).isEqualTo(before);
      compiled.probabilities(images(network, 1));
    }

    assertThat(ops.ompGetMaxThreads()).isEqualTo(before);
  }

  @Test
  @DisplayName("Images are taken from views and other orders, and never written to")
  void views() {
    var network = Networks.named("ecnn").withClasses(CLASSES).withResolution(32).network();
    try (var compiled = CompiledNetwork.compile(network, TrainedWeights.drawn(network, 1), 2, 1)) {
      var images = images(network, 4);
      var kept = images.dup();
      var part = images.get(NDArrayIndex.interval(2, 4));
      var strided = images.get(NDArrayIndex.interval(0, 2, 4));
      var into = Nd4j.zeros(DataType.FLOAT, 4, CLASSES);

      var expected = compiled.probabilities(part.dup('c'));
      compiled.run(part, into.get(NDArrayIndex.interval(1, 3)));

      assertThat(into.get(NDArrayIndex.interval(1, 3)).dup()).isEqualTo(expected);
      assertThat(into.getRow(0).sumNumber().doubleValue()).isZero();
      assertThat(into.getRow(3).sumNumber().doubleValue()).isZero();
      assertThat(compiled.probabilities(part.dup('f'))).isEqualTo(expected);
      assertThat(compiled.probabilities(strided))
          .isEqualTo(compiled.probabilities(strided.dup('c')));
      assertThat(images).isEqualTo(kept);
    }
  }

  @Test
  @DisplayName("The caller's images are not overwritten by the last step that reads them")
  void imagesAsShortcut() {
    agrees(
        8,
        (builder, image) -> {
          var x = builder.convolution("a", new Convolution(8, 3, 1, 1), RELU6, image);
          x = builder.convolution("b", new Convolution(3, 3, 1, 1), null, x);
          x = builder.add("add", new Add(), image, x);
          return builder.add("act", new Activation(RELU), x);
        });
    agrees(4, (builder, image) -> builder.add("act", new Activation(RELU), image));
    agrees(4, (builder, image) -> builder.add("add", new Add(), image, image));
  }
}
