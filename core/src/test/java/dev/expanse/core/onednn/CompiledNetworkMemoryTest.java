package dev.expanse.core.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.expanse.core.config.Settings;
import dev.expanse.core.memory.ResidentSize;
import dev.expanse.core.network.ChannelOperation.Concat;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Networks;
import dev.expanse.core.network.Operation.Convolution;
import dev.expanse.core.network.Operation.Dense;
import dev.expanse.core.network.Operation.GlobalAveragePool;
import java.io.IOException;
import java.lang.ref.Reference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

class CompiledNetworkMemoryTest {
  private static final NetworkSpec WIDE =
      NetworkSpec.read(
          Settings.parse(
              """
              name = wide, family = inverted-residual, resolution = 12, classes = 1000
              table = [[1, 8, 1, 1, 3], [3, 8, 2, 2, 5]], stem = 8, head = 400, dropout = 0
              """,
              "wide.conf"));

  @Test
  @EnabledOnOs(OS.LINUX)
  @DisplayName("10,000 runs grow the process by less than 2%")
  void runs() throws IOException, InterruptedException {
    var sizes = ResidentSize.of(ManyRuns.class);

    assertThat(sizes.get(1)).isLessThan(sizes.get(0) + sizes.get(0) / 50);
  }

  static final class ManyRuns {
    public static void main(String[] arguments) throws IOException {
      var network = WIDE.withClasses(4).network();
      try (var compiled =
          CompiledNetwork.compile(network, TrainedWeights.drawn(network, 1), 2, 1)) {
        var images = Nd4j.rand(DataType.FLOAT, 2, 12, 12, 3);
        var probabilities = Nd4j.zeros(DataType.FLOAT, 2, 4);
        for (int run = 0; run < 12_000; run++) {
          if (run == 2_000) {
            ResidentSize.report();
          }
          compiled.run(images, probabilities);
        }
        ResidentSize.report();
      }
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  @DisplayName("200 networks compiled, run and closed grow the process by less than 2%")
  void compilations() throws IOException, InterruptedException {
    var sizes = ResidentSize.of(ManyNetworks.class);

    assertThat(sizes.get(1)).isLessThan(sizes.get(0) + sizes.get(0) / 50);
  }

  static final class ManyNetworks {
    public static void main(String[] arguments) throws IOException {
      var network = WIDE.network();
      var weights = TrainedWeights.drawn(network, 1);
      for (int i = 0; i < 250; i++) {
        if (i == 50) {
          ResidentSize.report();
        }
        int batch = 1 + i % 2;
        try (var compiled = CompiledNetwork.compile(network, weights, batch, 1);
            var images = Nd4j.rand(DataType.FLOAT, batch, 12, 12, 3);
            var probabilities = Nd4j.zeros(DataType.FLOAT, batch, network.classes())) {
          compiled.run(images, probabilities);
        }
      }
      ResidentSize.report();
    }
  }

  @Test
  @DisplayName("Closing frees every native object at once, not when the garbage collector comes")
  void closing() throws InterruptedException {
    var network = WIDE.network();
    var weights = TrainedWeights.drawn(network, 1);
    CompiledNetwork.compile(network, weights, 1, 1).close();
    var before = NativeObjects.settled();

    var compiled = CompiledNetwork.compile(network, weights, 1, 1);
    var open = NativeObjects.now();
    assertThat(open.count()).isGreaterThan(before.count() + 50);
    assertThat(open.bytes()).isGreaterThan(before.bytes() + compiled.arenaBytes());
    compiled.close();

    before.requireNoMore();
    Reference.reachabilityFence(compiled);
  }

  @Test
  @DisplayName("A network that cannot be compiled to its end leaves no native object")
  void halfWay() throws InterruptedException {
    var weights = TrainedWeights.drawn(WIDE.network(), 1);
    var larger = WIDE.withClasses(WIDE.classes() + 1).network();
    CompiledNetwork.compile(WIDE.network(), weights, 1, 1).close();
    var before = NativeObjects.settled();

    for (int i = 0; i < 20; i++) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> CompiledNetwork.compile(larger, weights, 1, 1))
          .withMessageContaining("'classifier'");
    }

    before.requireNoMore();
  }

  @Test
  @DisplayName("The arena of MobileNetV2 takes less than half again of what lives at once")
  void arena() {
    var network = Networks.named("mobilenet-v2").withClasses(100).network();
    try (var compiled = CompiledNetwork.compile(network, TrainedWeights.drawn(network, 1), 1, 1)) {
      assertThat(compiled.arenaBytes()).isBetween(4_816_896L, 9_000_000L);
    }
  }

  @Test
  @DisplayName("A dense block takes one buffer, not one for each of its concatenations")
  void denseBlock() {
    int growth = 32;
    var builder = Network.forImages(16);
    var x = builder.add("stem", new Convolution(growth, 3, 1, 1), builder.image());
    for (int layer = 0; layer < 12; layer++) {
      var y = builder.add("conv" + layer, new Convolution(growth, 3, 1, 1), x);
      x = builder.add("concat" + layer, new Concat(), x, y);
    }
    builder.add("dense", new Dense(4), builder.add("pool", new GlobalAveragePool(), x));
    var network = builder.build();
    long last = x.shape().size() * Float.BYTES;

    try (var compiled = CompiledNetwork.compile(network, TrainedWeights.drawn(network, 1), 1, 1)) {
      if (InferenceLayout.of(network) != InferenceLayout.CHANNELS_LAST) {
        assertThat(compiled.arenaBytes()).isBetween(last, last + last / 4);
      }
    }
  }
}
