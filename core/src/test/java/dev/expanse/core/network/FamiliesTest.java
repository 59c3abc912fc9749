package dev.expanse.core.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FamiliesTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "family = vgg | table = []: expected at least one row of [channels, convolutions]",
        "family = vgg, table = [[64, 1, 1]] | table = [64,1,1]: expected a row of 2 values",
        "family = vgg, table = [[64, 0]] | table.convolutions = 0: expected a whole number from 1",
        "base = vgg-11, norms = 1 | norms = 1: expected true or false",
        "base = vgg-11, hidden = 0 | hidden = 0: expected a whole number from 1",
        "base = vgg-11, dropout = 1 | dropout = 1: expected a number from 0.0 to 0.99",
        "base = vgg-11, width = 0 | width = 0: expected a number from 0.01",
        "base = vgg-11, depth = 5 | depth = 5: expected no such key (known: base, classes, dropout,"
            + " family, hidden",
        "base = vgg-11, resolution = 31 | Cannot add 'stage5.pool'",
        "base = vgg-11, width = 100, resolution = 4096, hidden = 65536, table = [[65536, 1]]"
            + " | Cannot add 'flatten': integer overflow",
        "family = googlenet, table = [[0,1,1,1,1,1,1,2]] | table.auxiliary = 2: expected a whole",
        "family = googlenet, table = [[0,1,1,1,0,1,1,0]] | table.5x5-reduce = 0: expected a whole",
        "base = googlenet, auxiliary = 0.3 | auxiliary = 0.3: expected true or false",
        "family = resnet, block = wide | block = \"wide\": expected one of basic, bottleneck",
        "family = resnet, repeats = [] | repeats = []: expected at least one whole number from 1",
        "family = resnet, repeats = [1,1,1,1,1,1,1,1,1] | expected at most 8 stages",
        "family = resnet, repeats = [1, two] | repeats = \"two\": expected a whole number from 1",
        "family = resnet, repeats = 3 | repeats = 3: expected a list",
        "base = resnet-18, groups = 2 | groups = 2: expected none, for blocks are basic",
        "base = resnet-18, group-width = 4 | group-width = 4: expected none, for blocks are",
        "base = resnet-50, squeeze-excite = -1 | squeeze-excite = -1: expected a whole number",
        "base = xception, stem = [32] | stem = [32]: expected the channels of two convolutions",
        "base = xception, middle = 1.5 | middle = 1.5: expected a whole number from 0 to 1000",
        "base = xception, exit = [] | exit = []: expected at least one whole number",
        "base = xception, resolution = 4 | Cannot add 'stem2.conv'",
        "base = densenet-121, growth-rate = 0 | growth-rate = 0: expected a whole number from 1",
        "base = densenet-121, compression = 2 | compression = 2: expected a number from 0.01",
        "base = densenet-121, width = 100, growth-rate = 65536, repeats = [1000] | integer overflow",
        "family = mobilenet-v1, table = [[64, 1]] | expected a row of 3 values [channels, repeats",
        "family = mobilenet-v1, table = [[64, 1, 9]] | table.stride = 9: expected a whole number",
        "family = shufflenet-v2, table = [[1, 4]] | table.channels = 1: expected a whole number",
        "base = mobilenet-v2, squeeze-excite = 0.5 | squeeze-excite = 0.5: expected a whole",
        "family = alexnet | family = \"alexnet\": expected one of densenet, googlenet, inverted",
      })
  @DisplayName(
      "A mistake in a knob is answered by one sentence that names key, value and what fits")
  void mistakes(String hocon, String message) {
    assertThatThrownBy(() -> read(hocon))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("family.conf")
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "vgg-16 | norms = true, hidden = 512, dropout = 0.25, width = 0.5",
        "googlenet | auxiliary = true, dropout = 0.4, width = 1.5",
        "resnet-50 | repeats = [1, 2], squeeze-excite = 8, groups = 2, group-width = 16, width = 2",
        "se-resnet-18 | block = bottleneck, squeeze-excite = 0, dropout = 0.1",
        "densenet-121 | repeats = [1, 2], growth-rate = 7, initial = 9, bottleneck = 2",
        "densenet-121 | compression = 0.625, width = 0.5, dropout = 0.2",
        "xception | stem = [8, 12], entry = [16], middle = 1, exit = [24, 28], width = 3",
        "xception | dropout = 0.5",
        "mobilenet-v1 | table = [[8, 1, 2], [16, 2, 1]], stem = 5, width = 0.3, dropout = 0.001",
        "shufflenet-v2-1.0 | table = [[8, 1], [16, 2]], stem = 5, head = 33, width = 0.3",
        "shufflenet-v2-1.0 | dropout = 0.5",
        "mobilenet-v2 | squeeze-excite = 4, stem = 16, head = 100, width = 0.75",
      })
  @DisplayName("Whatever knobs are turned, the spec reads back to an equal one, not to the base")
  void roundTrip(String base, String knobs) {
    var spec = read("base = " + base + ", " + knobs);
    var again = NetworkSpec.read(Settings.parse(spec.toHocon(), "again.conf"));

    assertThat(again).isEqualTo(spec);
    assertThat(again.hash()).isEqualTo(spec.hash()).isNotEqualTo(Networks.named(base).hash());
    assertThat(again.network().nodes().toString()).isEqualTo(spec.network().nodes().toString());
  }

  private static NetworkSpec read(String hocon) {
    return NetworkSpec.read(
        Settings.parse(hocon.contains("base") ? hocon : "name = own, " + hocon, "family.conf"));
  }
}
