package dev.expanse.core.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.expanse.core.network.Network;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.Dropout;
import dev.expanse.core.network.Operation.GlobalAveragePool;
import java.util.function.BiFunction;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Compares what a compiled network computes with {@link NaiveInference}. */
public final class AgainstDefinition {
  static final int CLASSES = 10;
  private static final double TOLERANCE = 1e-4;

  private AgainstDefinition() {}

  /** Of a classifier on images of that side, whose features are the last node of {@code body}. */
  static void agrees(int side, BiFunction<Network.Builder, Network.Node, Network.Node> body) {
    var network = classifier(side, body);
    agrees(network, 1, 1);
    agrees(network, 3, 1);
    agrees(network, 4, 2);
  }

  /** A classifier on images of that side, whose features are the last node of {@code body}. */
  static Network classifier(
      int side, BiFunction<Network.Builder, Network.Node, Network.Node> body) {
    var builder = Network.forImages(side);
    var last = body.apply(builder, builder.image());
    if (last.shape().height() > 1) {
      last = builder.add("last.pool", new GlobalAveragePool(), last);
    }
    builder.add("dense", new Dense(CLASSES), builder.add("dropout", new Dropout(0.2), last));
    return builder.build();
  }

  static void agrees(Network network, int batch, int threads) {
    var weights = TrainedWeights.drawn(network, 5);
    var images = images(network, batch);
    var kept = images.dup();
    try (var compiled = CompiledNetwork.compile(network, weights, batch, threads)) {
      var expected = NaiveInference.probabilities(network, weights, images);
      var first = compiled.probabilities(images);
      assertClose(first, expected, TOLERANCE);
      assertThat(compiled.probabilities(images)).isEqualTo(first); // nothing is left of a run
      assertThat(images).isEqualTo(kept);
    }
  }

  /** Random images, always the same, {@code [batch, H, W, 3]}. */
  public static INDArray images(Network network, int batch) {
    var shape = network.input().shape();
    Nd4j.getRandom().setSeed(7);
    return Nd4j.randn(DataType.FLOAT, batch, shape.height(), shape.width(), shape.channels());
  }

  /** Relative to the expected value, or for those next to nothing, to 1 / 1000. */
  public static void assertClose(INDArray actual, INDArray expected, double tolerance) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    for (long i = 0; i < actual.length(); i++) {
      double wanted = expected.getDouble(i);
      assertThat(actual.getDouble(i))
          .as("value %d", i)
          .isCloseTo(wanted, offset(tolerance * Math.max(1e-3, wanted)));
    }
  }
}
