package dev.expanse.core.complexity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Networks;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TotalsTest {

  @Test
  @DisplayName("Totals are the sums over all operations, for every network that has a name")
  void namedNetworks() {
    assertThat(Networks.names())
        .isNotEmpty()
        .allSatisfy(name -> agree(Networks.named(name).network()));
  }

  @Test
  @DisplayName("Totals leave auxiliary classifiers out, as inference does")
  void auxiliaries() {
    var settings = Settings.parse("base = googlenet, auxiliary = true", "test");
    var network = NetworkSpec.read(settings).network();

    agree(network);
    assertThat(Complexity.Totals.of(network))
        .isEqualTo(Complexity.Totals.of(Networks.named("googlenet").network()));
  }

  private static void agree(Network network) {
    var complexity = Complexity.of(network);
    assertThat(Complexity.Totals.of(network))
        .isEqualTo(
            new Complexity.Totals(
                complexity.macs(),
                complexity.parameters(),
                complexity.activations(),
                complexity.weightBytes(),
                complexity.peakActivationBytes()));
  }
}
