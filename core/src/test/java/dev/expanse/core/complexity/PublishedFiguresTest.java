package dev.expanse.core.complexity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.core.config.Settings;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Networks;
import dev.expanse.core.network.Operation;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishedFiguresTest {
  /**
   * Parameters as their publishers count them, trained values only, and billions of MACs of
   * convolutions and fully connected layers: those of torchvision's model pages, where it has the
   * network.
   */
  private static final List<String> PUBLISHED =
      List.of(
          "vgg-11 132863336 7.609",
          "vgg-11-bn 132868840 7.609",
          "vgg-13 133047848 11.308",
          "vgg-13-bn 133053736 11.308",
          "vgg-16 138357544 15.470",
          "vgg-16-bn 138365992 15.470",
          "vgg-19 143667240 19.632",
          "vgg-19-bn 143678248 19.632",
          "googlenet 6624904 1.498",
          "resnet-18 11689512 1.814",
          "resnet-34 21797672 3.664",
          "resnet-50 25557032 4.089",
          "resnet-101 44549160 7.801",
          "resnet-152 60192808 11.514",
          "densenet-121 7978856 2.834",
          "densenet-169 14149480 3.360",
          "densenet-201 20013928 4.291",
          "mobilenet-v2 3504872 0.301",
          "shufflenet-v2-0.5 1366792 0.040",
          "shufflenet-v2-1.0 2278604 0.145",
          "shufflenet-v2-1.5 3503624 0.296",
          "shufflenet-v2-2.0 7393996 0.583");

  /**
   * Parameters that others than torchvision publish, and billions of MACs as they round them; those
   * of SE-ResNets are torchvision's ResNets' and their gates', for the authors' own have their
   * strides elsewhere (Hu et al., 2018, table 2, say 3.86 without and 3.87 with gates).
   */
  private static final List<String> OTHERS =
      List.of(
          "xception 22855952 8.4", // Keras
          "mobilenet-v1 4231976 0.569", // Keras; Howard et al., 2017, table 6
          "se-resnet-50 28088024 4.09",
          "se-resnet-101 49326872 7.81",
          "se-resnet-152 66821848 11.52");

  @Test
  @DisplayName("Every published network has the parameters that are published, and the MACs")
  void published() {
    var seen = new HashSet<>(Set.of("ecnn", "se-resnet-18", "se-resnet-34"));
    for (var lines : List.of(PUBLISHED, OTHERS)) {
      for (var line : lines) {
        var cells = line.split(" ");
        int decimals = cells[2].length() - cells[2].indexOf('.') - 1;
        var complexity = Complexity.of(Networks.named(cells[0]).network());
        seen.add(cells[0]);

        assertThat(complexity.parameters()).as(cells[0]).isEqualTo(Long.parseLong(cells[1]));
        assertThat(complexity.macs() / 1e9)
            .as(cells[0])
            .isCloseTo(Double.parseDouble(cells[2]), within(0.5 * Math.pow(10, -decimals)));
      }
    }
    assertThat(seen).isEqualTo(Networks.names());
  }

  @ParameterizedTest(name = "{1} with {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "densenet-121 | densenet-161 | repeats = [6,12,36,24], growth-rate = 48, initial = 96"
            + " | 28681000 | 7.728",
        "resnet-50 | resnext-50 32x4d | groups = 32, group-width = 4 | 25028904 | 4.230",
        "resnet-101 | resnext-101 32x8d | groups = 32, group-width = 8 | 88791336 | 16.414",
        "resnet-50 | wide resnet-50-2 | group-width = 128 | 68883240 | 11.398",
        "resnet-101 | wide resnet-101-2 | group-width = 128 | 126886696 | 22.753",
        "shufflenet-v2-0.5 | shufflenet-v2-1.0 | table = [[116,4],[232,8],[464,4]] | 2278604 | 0.145",
        "vgg-16 | vgg-19-bn | norms = true, table = [[64,2],[128,2],[256,4],[512,4],[512,4]]"
            + " | 143678248 | 19.632",
      })
  @DisplayName("Knobs make of one published network another one, to the last parameter")
  void knobs(String base, String name, String knobs, long parameters, double billions) {
    var complexity = Complexity.of(changed(base, knobs));

    assertThat(complexity.parameters()).isEqualTo(parameters);
    assertThat(complexity.macs() / 1e9).isCloseTo(billions, within(0.0005));
  }

  @ParameterizedTest(name = "width {0} at {1} x {1}")
  @CsvSource({
    "1, 224, 569, 4.2",
    "0.75, 224, 325, 2.6",
    "0.5, 224, 149, 1.3",
    "0.25, 224, 41, 0.5",
    "1, 192, 418, 4.2",
    "1, 160, 290, 4.2",
    "1, 128, 186, 4.2"
  })
  @DisplayName("MobileNetV1 costs what its paper says, at every width and resolution")
  void mobileNetV1(double width, int resolution, double macs, double parameters) {
    var complexity =
        Complexity.of(changed("mobilenet-v1", "width = " + width + ", resolution = " + resolution));

    assertThat(complexity.macs() / 1e6).isBetween(macs - 0.5, macs + 0.7); // some are cut off
    assertThat(complexity.parameters() / 1e6).isCloseTo(parameters, within(0.05));
  }

  @Test
  @DisplayName("The 4.11 GMACs of ResNet-50 that many cite count its norms and its last pool, too")
  void whatOthersCount() {
    var network = Networks.named("resnet-50").network();
    var complexity = Complexity.of(network);

    // two operations for each value of a norm; 49 additions and a division for each of a mean
    long norms =
        network.nodes().stream()
            .filter(node -> node.operation() instanceof Operation.BatchNorm)
            .mapToLong(node -> 2 * node.shape().size())
            .sum();

    assertThat(complexity.macs()).isEqualTo(4_089_184_256L);
    assertThat(complexity.macs() + norms + 50 * 2048).isEqualTo(4_111_514_624L);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "shufflenet-v2-0.5, 41",
    "shufflenet-v2-1.0, 146",
    "shufflenet-v2-1.5, 299",
    "shufflenet-v2-2.0, 591"
  })
  @DisplayName(
      "ShuffleNetV2's paper counts a little more than its convolutions, and does not say what")
  void shuffleNetV2(String name, double millions) {
    // torchvision's count of the same table, which the figures above meet, is lower as well
    double macs = Complexity.of(Networks.named(name).network()).macs() / 1e6;

    assertThat(macs).isBetween(millions * 0.985, millions);
  }

  private static Network changed(String base, String knobs) {
    return NetworkSpec.read(
            Settings.parse("name = changed, base = " + base + ", " + knobs, "changed.conf"))
        .network();
  }
}
