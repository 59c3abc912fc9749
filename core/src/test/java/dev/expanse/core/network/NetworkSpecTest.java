package dev.expanse.core.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkSpecTest {
  private static final String SMALL =
      "name = small, family = inverted-residual, resolution = 32, classes = 10,";

  @Test
  @DisplayName("What a spec writes, it reads back: the same network, the same hash")
  void roundTrip() {
    for (var name : Networks.names()) {
      var spec = Networks.named(name).withResolution(96).withClasses(7);
      var read = read(spec.toHocon());

      assertThat(read).isEqualTo(spec);
      assertThat(read.hash()).isEqualTo(spec.hash());
    }
  }

  @Test
  @DisplayName("The hash forgets the name and remembers everything else")
  void hash() {
    var spec = Networks.named("ecnn");

    assertThat(spec.withName("other").hash()).isEqualTo(spec.hash());
    assertThat(spec.withResolution(192).hash()).isNotEqualTo(spec.hash());
    assertThat(spec.withClasses(10).hash()).isNotEqualTo(spec.hash());
    assertThat(read("base = ecnn, dropout = 0.1").hash()).isNotEqualTo(spec.hash());
    assertThat(read("base = ecnn, dropout = 0.2").hash()).isEqualTo(spec.hash());
    assertThat(spec.withDropout(0.1)).isEqualTo(read("base = ecnn, dropout = 0.1, name = ecnn"));
  }

  @Test
  @DisplayName(
      "An expansion factor replaces that of every row that widens, a list that of every row")
  void expansion() {
    var nine = (InvertedResidual) read("base = mobilenet-v2, expansion = 9").family();
    var each =
        (InvertedResidual) read("base = mobilenet-v2, expansion = [1,2,3,4,5,6,7.5]").family();

    assertThat(nine.table())
        .extracting(InvertedResidual.Row::expansion)
        .containsExactly(1.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0);
    assertThat(each.table())
        .extracting(InvertedResidual.Row::expansion)
        .containsExactly(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.5);
  }

  @ParameterizedTest(name = "width {0}: {1} million MACs")
  @CsvSource({"0.35, 59", "0.5, 97", "0.75, 209", "1.0, 300", "1.3, 509", "1.4, 582"})
  @DisplayName("Width multipliers cost what the authors' model page says, to its last digit")
  void width(double width, long millions) {
    var network = read("base = mobilenet-v2, width = " + width).network();

    assertThat(Math.round(Complexity.of(network).macs() / 1e6)).isCloseTo(millions, within(1L));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "table = [[1,16,1,1]] | small.conf, line 1: table = [1,16,1,1]: expected a row of 5 values"
            + " [expansion, channels, repeats, stride, kernel]",
        "table = [[1,16,1,1,3,3]] | a row of 5 values",
        "table = [[1,sixteen,1,1,3]] | table.channels = \"sixteen\": expected a whole number",
        "table = [[1,16,1,1,2]] | kernel of side 2: it must be odd",
        "table = [] | table = []: expected at least one row",
        "table = 5 | table = 5: expected a list",
        "width = 1 | table = []: expected at least one row",
        "table = [[1,16,1,1,3]], resolution = 0 | resolution = 0: expected a whole number from 1",
        "table = [[1,16,1,1,3]], classes = 1 | classes = 1: expected a whole number from 2",
        "table = [[1,16,1,1,3]], tabel = [] | tabel = []: expected no such key (known: base, classes,"
            + " dropout, expansion, family, head, name, output-stride, resolution,",
        "base = mobilenet-v2, output-strides = 8 | output-strides = 8: expected no such key (known:",
        "table = [[1,16,1,1,3]], family = alexnet | family = \"alexnet\": expected one of",
        "table = [[1,16,1,1,3]], expansion = [1,2] | expected a number, or a list of 1",
        "table = [[1,16,1,1,3] | not HOCON",
        "base = mobilenet-v3, table = [] | base = \"mobilenet-v3\": expected one of vgg-[11,",
        "table = [[1,16,1,1,3]], name = a/b | name = a/b: expected letters",
      })
  @DisplayName("A mistake is answered by one sentence that names file, line, key and value")
  void mistakes(String hocon, String message) {
    assertThatThrownBy(() -> read(SMALL + hocon))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("small.conf")
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  private static NetworkSpec read(String hocon) {
    return NetworkSpec.read(Settings.parse(hocon, "small.conf"));
  }
}
