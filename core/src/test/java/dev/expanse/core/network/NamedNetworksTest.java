package dev.expanse.core.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NamedNetworksTest {

  static Stream<String> names() {
    return Networks.names().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  @DisplayName("What a named network writes, it reads back: the same network, the same hash")
  void roundTrip(String name) {
    var spec = Networks.named(name);
    var read = NetworkSpec.read(Settings.parse(spec.toHocon(), name));

    assertThat(read).isEqualTo(spec);
    assertThat(read.hash()).isEqualTo(spec.hash());
    assertThat(spec.toHocon()).contains("family = " + spec.family().key() + ", ");
  }

  @ParameterizedTest
  @MethodSource("names")
  @DisplayName("Every named network can be built for small images, at a quarter of its width, too")
  void small(String name) {
    var spec = Networks.named(name).withResolution(64).withClasses(100);
    var narrow = read("base = " + name + ", resolution = 64, classes = 100, width = 0.25");

    assertThat(spec.network().output().shape()).isEqualTo(new Shape(1, 1, 100));
    assertThat(narrow.network().output().shape()).isEqualTo(new Shape(1, 1, 100));
    assertThat(convolutions(narrow.network())).isEqualTo(convolutions(spec.network()));
    assertThat(weights(narrow.network())).isLessThan(weights(spec.network()) / 2);
  }

  @ParameterizedTest
  @MethodSource("names")
  @DisplayName("Another dropout changes the rate before the classifier and no shape")
  void dropout(String name) {
    var spec = Networks.named(name).withResolution(64);
    var without = spec.withDropout(0).network();
    var changed = spec.withDropout(0.125).network();

    assertThat(rates(without)).isEmpty();
    assertThat(rates(changed)).containsOnly(0.125);
    var dropout = changed.output().onlyInput();
    assertThat(dropout.operation()).isEqualTo(new Operation.Dropout(0.125));
    assertThat(changed.nodes())
        .filteredOn(node -> !(isDropout(node)))
        .hasSameSizeAs(without.nodes());
  }

  @Test
  @DisplayName("Networks are listed by their first publication, Xception's images are larger")
  void order() {
    assertThat(Networks.names())
        .containsSubsequence(
            "vgg-11", // September 4, 2014
            "googlenet", // September 17, 2014
            "resnet-18", // December 2015
            "densenet-121", // August 2016
            "xception", // October 2016
            "mobilenet-v1", // April 2017
            "se-resnet-18", // September 2017
            "mobilenet-v2", // January 2018
            "shufflenet-v2-0.5", // July 2018
            "ecnn"); // 2020
    assertThat(names().map(Networks::named).filter(spec -> spec.resolution() != 224))
        .extracting(spec -> spec.name() + " " + spec.resolution())
        .containsExactly("xception 299");
    assertThat(names().map(Networks::named).map(NetworkSpec::hash)).doesNotHaveDuplicates();
  }

  @Test
  @DisplayName("An unknown name is answered by one line that has every name, series put together")
  void unknownName() {
    assertThatThrownBy(() -> Networks.named("resnet-51"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("network = resnet-51: expected one of vgg-[11, 11-bn, 13, ")
        .hasMessageContaining(", googlenet, resnet-[18, 34, 50, 101, 152], ")
        .hasMessageEndingWith(", ecnn, or a file ending in .conf");
    assertThatThrownBy(() -> read("base = resnet-51"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "named.conf, line 1: base = \"resnet-51\": expected one of " + Networks.listed());
    assertThat(expanded(Networks.listed())).containsExactlyElementsOf(Networks.names());
  }

  /** Names again, of a text such as {@code googlenet, resnet-[18, 34], xception}. */
  private static List<String> expanded(String listed) {
    var names = new ArrayList<String>();
    for (var series : listed.split(", (?![^\\[]*\\])")) {
      var parts = series.split("\\[|\\]");
      for (var end : parts.length == 1 ? new String[] {""} : parts[1].split(", ")) {
        names.add(parts[0] + end);
      }
    }
    return names;
  }

  @Test
  @DisplayName("The hashes under which results of the first two networks are stored stay the same")
  void storedHashes() {
    assertThat(Networks.named("mobilenet-v2").hash()).isEqualTo("0dbfedb15b96dcdf");
    assertThat(Networks.named("ecnn").hash()).isEqualTo("d29526f768db225e");
  }

  @Test
  @DisplayName("A resolution at which the maps would shrink to nothing is refused")
  void tooSmall() {
    assertThatThrownBy(() -> Networks.named("vgg-16").withResolution(16))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "vgg-16 with resolution = 16: Cannot add 'stage5.pool': cannot move a window of side 2"
                + " over an input of 1 x 1 x 512 with a padding of 0");
  }

  private static NetworkSpec read(String hocon) {
    return NetworkSpec.read(Settings.parse(hocon, "named.conf"));
  }

  private static long weights(Network network) {
    return network.nodes().stream()
        .flatMap(node -> Weights.sizes(node).values().stream())
        .mapToLong(Integer::longValue)
        .sum();
  }

  private static long convolutions(Network network) {
    return network.nodes().stream()
        .filter(node -> node.operation() instanceof Operation.Convolution)
        .count();
  }

  private static Set<Double> rates(Network network) {
    return network.nodes().stream()
        .filter(NamedNetworksTest::isDropout)
        .map(node -> ((Operation.Dropout) node.operation()).rate())
        .collect(Collectors.toSet());
  }

  private static boolean isDropout(Network.Node node) {
    return node.operation() instanceof Operation.Dropout;
  }
}
