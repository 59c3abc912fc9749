package dev.expanse.core.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.complexity.CountedParts;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class OutputStrideTest {

  static Stream<String> names() {
    return Networks.names().stream();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "32 | 32, 32, 16, 8, 4, 4, 2, 2, 2",
        "31 | 32, 32, 16, 16, 8, 8, 4, 4, 4",
        "16 | 32, 32, 16, 16, 8, 8, 4, 4, 4",
        "8  | 32, 32, 16, 16, 16, 16, 8, 8, 8",
        "4  | 32, 32, 16, 16, 16, 16, 16, 16, 16",
        "2  | 32, 32, 32, 32, 32, 32, 32, 32, 32",
        "1  | 64, 64, 64, 64, 64, 64, 64, 64, 64"
      })
  @DisplayName("Behind a quarter of the side, the first strides become 1: MobileNetV2 on 64 x 64")
  void sides(int stride, String sides) {
    var network = read("base = mobilenet-v2, output-stride = " + stride).network();

    // the stem, the last block of each stage, the last convolution
    var maps =
        Stream.of(
            "stem",
            "stage1.1",
            "stage2.2",
            "stage3.3",
            "stage4.4",
            "stage5.3",
            "stage6.3",
            "stage7.1",
            "head");
    assertThat(maps.map(name -> side(network, name)).toList())
        .isEqualTo(Stream.of(sides.split(", ")).map(Integer::valueOf).toList());
  }

  @ParameterizedTest
  @MethodSource("names")
  @DisplayName("Networks of every family keep their parameters and have larger maps")
  void families(String name) {
    var usual = small(name, "");
    var larger = small(name, ", output-stride = 8");
    var costs = Complexity.of(larger.network());

    assertThat(costs.macs()).isGreaterThan(Complexity.of(usual.network()).macs());
    if (!name.startsWith("vgg")) { // whose classifier has a weight for each value of the last map
      assertThat(costs.parameters()).isEqualTo(Complexity.of(usual.network()).parameters());
    }
    assertThat(larger.hash()).isNotEqualTo(usual.hash());
    assertThat(read(larger.toHocon())).isEqualTo(larger);
  }

  @ParameterizedTest
  @MethodSource("names")
  @DisplayName("A network whose output stride is not above the most stays as it is")
  void unchanged(String name) {
    assertThat(operations(small(name, ", output-stride = 64")))
        .isEqualTo(operations(small(name, "")));
  }

  @Test
  @DisplayName("Auxiliary classifiers keep the strides that are theirs alone")
  void auxiliaries() {
    var usual = small("googlenet", ", auxiliary = true");
    var larger = small("googlenet", ", auxiliary = true, output-stride = 4");

    assertThat(larger.network().auxiliaries()).hasSize(2);
    assertThat(averagePools(larger)).hasSize(2).isEqualTo(averagePools(usual));
  }

  @Test
  @DisplayName("A stride of which only a part is too much becomes smaller, not 1")
  void part() {
    var network =
        read("name = steps, family = inverted-residual, table = [[1, 8, 1, 8, 3]], output-stride = 4")
            .network();
    assertThat(side(network, "stem")).isEqualTo(32);
    assertThat(side(network, "stage1.1")).isEqualTo(16);
  }

  @Test
  @DisplayName(
      "Half the output stride costs what twice the side costs, behind the first two strides")
  void enlarged() {
    var network = small("mobilenet-v2", ", output-stride = 16").network();
    var enlarged = small("mobilenet-v2", "").withResolution(128).network();

    assertThat(macs(network, "stage4")).isEqualTo(macs(enlarged, "stage4"));
    assertThat(4 * macs(network, "stage2")).isEqualTo(macs(enlarged, "stage2"));
  }

  @Test
  @DisplayName("What networks cost is counted alike, in parts or as a whole")
  void counted() {
    var spec = read("base = ecnn, output-stride = 16");
    assertThat(new CountedParts().totals(spec).macs())
        .isEqualTo(Complexity.of(spec.network()).macs());
  }

  @Test
  @DisplayName("An output stride that is none is refused")
  void refused() {
    assertThatThrownBy(() -> read("base = ecnn, output-stride = 0"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("test, line 1: output-stride = 0: expected a whole number from 1 to 4096");
  }

  private static long macs(Network network, String stage) {
    return Complexity.of(network).costs().stream()
        .filter(cost -> cost.node().name().startsWith(stage + "."))
        .mapToLong(Complexity.Cost::macs)
        .sum();
  }

  private static int side(Network network, String convolution) {
    var last =
        network.nodes().stream().filter(node -> node.name().startsWith(convolution + ".")).toList();
    return last.get(last.size() - 1).shape().height();
  }

  private static List<Operation> averagePools(NetworkSpec spec) {
    return operations(spec).stream().filter(Operation.AveragePool.class::isInstance).toList();
  }

  private static List<Operation> operations(NetworkSpec spec) {
    return spec.network().nodes().stream().map(Network.Node::operation).toList();
  }

  private static NetworkSpec small(String name, String more) {
    return read("base = " + name + more);
  }

  private static NetworkSpec read(String hocon) {
    return NetworkSpec.read(Settings.parse("resolution = 64, classes = 10, " + hocon, "test"));
  }
}
