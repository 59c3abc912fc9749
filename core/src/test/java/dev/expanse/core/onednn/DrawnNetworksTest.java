package dev.expanse.core.onednn;

import static dev.expanse.core.onednn.AgainstDefinition.agrees;

import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DrawnNetworksTest {
  private static final int NETWORKS = Integer.getInteger("expanse.drawn-networks", 40);

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8})
  @DisplayName("Networks drawn from all operations, their values read anywhere, are computed right")
  void drawn(int block) {
    for (int seed = 0; seed < NETWORKS; seed++) {
      var random = new Random(1000L * block + seed);
      var network = DrawnNetwork.of(random, block);
      try {
        agrees(network, 1 + random.nextInt(4), 1 + random.nextInt(2));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("with seed " + seed + ": " + network.nodes(), e);
      }
    }
  }
}
