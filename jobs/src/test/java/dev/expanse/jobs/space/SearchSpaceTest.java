package dev.expanse.jobs.space;

import static dev.expanse.jobs.space.Spaces.SMALL;
import static dev.expanse.jobs.space.Spaces.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Shape;
import dev.expanse.jobs.data.ConfigurationFiles;
import dev.expanse.jobs.space.Assessment.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SearchSpaceTest {

  @Test
  @DisplayName(
      "A stage that may be left out is one option for that, whatever its other columns are")
  void countByHand() {
    // stage 2 has 4 with 1 and 2, 8 with 1 and 2, and is left out; kernels 2, widths 2, sides 2
    assertThat(read(SMALL).size()).isEqualTo(5 * 2 * 2 * 2);
    assertThat(read("base = ecnn, expansion = [3, 5], width = [0.5, 0.75, 1]").size()).isEqualTo(6);
    assertThat(read("base = ecnn").size()).isEqualTo(1);
  }

  @Test
  @DisplayName("Numbers and configurations are one to one, and the last choice changes first")
  void oneToOne() {
    var space = read(SMALL);
    var all = LongStream.range(0, space.size()).mapToObj(space::choices).toList();

    assertThat(new HashSet<>(all)).hasSize(40);
    assertThat(all)
        .startsWith(
            "table = [[1, 8, 1, 2, 3], [6, 16, 2, 2, 3]], resolution = 16, width = 0.5",
            "table = [[1, 8, 1, 2, 3], [6, 16, 2, 2, 3]], resolution = 16, width = 1",
            "table = [[1, 8, 1, 2, 3], [6, 16, 2, 2, 3]], resolution = 32, width = 0.5")
        .endsWith(
            "table = [[1, 8, 1, 2, 3], [8, 8, 2, 1, 3], [6, 16, 2, 2, 4]], resolution = 32,"
                + " width = 1");
    assertThatThrownBy(() -> space.choices(40)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> space.choices(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  @DisplayName("What was chosen, put into the network's file, is the same network")
  void choicesAreHocon() {
    var space = read(SMALL);
    var file = SMALL.replaceAll("(?s)stages = \\[.*?\\n\\]", "");
    for (long index = 0; index < space.size(); index++) {
      var settings = Settings.parse(file + "\n" + space.choices(index), "file");
      assertThat(NetworkSpec.describe(settings)).isEqualTo(space.spec(index).withName("small"));
    }
  }

  @Test
  @DisplayName("Without a stage of stride 2 the maps behind it have twice the side")
  void leftOut() {
    var space = read("base = ecnn, stages = [{},{},{repeats = [0, 2]},{},{},{},{}]");

    assertThat(space.size()).isEqualTo(2);
    assertThat(space.spec(0).network().node("head.act").shape()).isEqualTo(new Shape(14, 14, 1280));
    assertThat(space.spec(1).network().node("head.act").shape()).isEqualTo(new Shape(7, 7, 1280));
  }

  @Test
  @DisplayName("Counting is exact on random configurations, and says the builder's own sentence")
  void exact() {
    var space =
        read(
            """
            base = mobilenet-v2, classes = 100
            stages = [
              { repeats = [0, 1] }
              { expansion = [0.5, 4, 6.5], channels = [8, 20, 36], repeats = [0, 1, 2] }
              { expansion = [4, 6], repeats = [0, 2], stride = [1, 2, 3], kernel = [3, 4, 5] }
              { expansion = [4, 6], repeats = [0, 2], stride = [1, 2, 3], kernel = [3, 7] }
              { repeats = [0, 1] }
              { repeats = [0, 1], channels = [96, 160] }
              { repeats = [0, 1] }
            ]
            squeeze-excite = [0, 4, 1000], width = [0.05, 0.5, 1.4], resolution = [1, 33, 224]
            head = [64, 1280], dropout = [0, 0.2], stem = [3, 32]
            """);
    var random = new SplittableRandom(7);
    var seen = new HashSet<Status>();
    for (int i = 0; i < 3000; i++) {
      long index = random.nextLong(space.size());
      var assessment = space.assess(index);
      seen.add(assessment.status());
      try {
        var complexity = Complexity.of(space.spec(index).network());
        assertThat(assessment.totals())
            .isEqualTo(
                new Complexity.Totals(
                    complexity.macs(),
                    complexity.parameters(),
                    complexity.activations(),
                    complexity.weightBytes(),
                    complexity.peakActivationBytes()));
        assertThat(assessment.isOk()).isTrue();
      } catch (IllegalArgumentException e) {
        assertThat(assessment.totals()).isNull();
        assertThat(assessment.reason()).isEqualTo(e.getMessage());
      }
    }
    assertThat(seen).containsExactlyInAnyOrder(Status.OK, Status.UNBUILDABLE);
  }

  @Test
  @DisplayName("Other families list values of their own keys, and of lists lists")
  void otherFamilies() {
    var space =
        read(
            """
            base = resnet-18, width = 0.25, resolution = 64
            block = [basic, bottleneck], repeats = [[1, 1, 1, 1], [2, 2, 2, 2]], groups = [1, 32]
            """);

    assertThat(space.size()).isEqualTo(8);
    assertThat(space.choices(0)).isEqualTo("block = \"basic\", groups = 1, repeats = [1,1,1,1]");
    assertThat(space.spec(7).family().toHocon())
        .contains("block = bottleneck, repeats = [2, 2, 2, 2]", "groups = 32", "width = 0.25");
    assertThat(space.assess(2).status()).isEqualTo(Status.UNBUILDABLE); // basic with groups
    assertThat(space.assess(2).reason()).contains("groups = 32: expected none, for blocks are");
    assertThat(read("family = densenet, name = d, growth-rate = [12, 24], repeats = [2, 2]").size())
        .isEqualTo(2);
  }

  @Test
  @DisplayName("Constraints are each at most: what exceeds one is counted under its name")
  void constraints() {
    var cost = Complexity.of(read("base = ecnn").spec(0).network());
    var bound = "base = ecnn, width = [1, 2], constraints { macs = %d, params = %d }";

    var space = read(String.format(bound, cost.macs(), cost.parameters()));
    assertThat(space.assess(0).status()).isEqualTo(Status.OK);
    assertThat(space.assess(1).status()).isEqualTo(Status.EXCEEDS);
    assertThat(space.assess(1).reason()).isEqualTo("macs, params");
    assertThat(read(String.format(bound, cost.macs() - 1, cost.parameters())).assess(0).reason())
        .isEqualTo("macs");
  }

  @Test
  @DisplayName("With two numbers, a constraint is at least and at most")
  void range() {
    long cost = Complexity.of(read("base = ecnn").spec(0).network()).macs();
    var bound = "base = ecnn, width = [0.5, 1, 2], constraints { macs = [%d, %d] }";

    var space = read(String.format(bound, cost, cost));
    assertThat(space.assess(0).status()).isEqualTo(Status.BELOW);
    assertThat(space.assess(0).reason()).isEqualTo("macs");
    assertThat(space.assess(1).status()).isEqualTo(Status.OK);
    assertThat(space.assess(2).status()).isEqualTo(Status.EXCEEDS);
    assertThat(Summary.of(LongStream.range(0, 3).mapToObj(space::assess).toList()))
        .hasToString("of 3 configurations 1 is valid, 1 exceed macs, 1 are below macs");
  }

  @Test
  @DisplayName("What a network costs on images of another side is constrained as well")
  void elsewhere() {
    long cost = Complexity.of(read("base = ecnn").spec(0).network()).macs();
    var bound =
        "base = ecnn, resolution = 64, output-stride = 8, width = [0.5, 1, 2],"
            + " constraints { params = 1e9, elsewhere { resolution = 224, macs = [%d, %d] } }";

    var space = read(String.format(bound, cost, cost));
    assertThat(space.assess(0).status()).isEqualTo(Status.BELOW);
    assertThat(space.assess(1).status()).isEqualTo(Status.OK);
    assertThat(space.assess(2).reason()).isEqualTo("macs at 224");
    assertThat(space.assess(2).status()).isEqualTo(Status.EXCEEDS);
  }

  @Test
  @DisplayName("A latency is compared by who measures it, and exceeds nothing on paper")
  void latency() {
    var space = read("base = ecnn, constraints { latency-p50-ms = 2.5 }");

    assertThat(space.assess(0).isOk()).isTrue();
    assertThat(space.constraints().exceededBy(2.5)).isEmpty();
    assertThat(space.constraints().exceededBy(2.6)).contains("latency-p50-ms");
    assertThat(read("base = ecnn").constraints().exceededBy(1e9)).isEmpty();
  }

  @Test
  @DisplayName("A summary says how many are valid, and why others are not")
  void summary() {
    var space = read(SMALL + "\nconstraints { macs = 100000 }");
    var assessed = LongStream.range(0, space.size()).mapToObj(space::assess).toList();
    long over = assessed.stream().filter(a -> a.status() == Status.EXCEEDS).count();

    assertThat(over).isEqualTo(10);
    assertThat(Summary.of(assessed))
        .hasToString(
            "of 40 configurations %d are valid, %d exceed macs, 20 do not build: \"Cannot convolve"
                    .formatted(20 - over, over)
                + " with a kernel of side 4: it must be odd\" (20)");
  }

  @Test
  @DisplayName("Names tell a configuration, and sort as the numbers do")
  void names() {
    assertThat(read(SMALL).name(7)).isEqualTo("small-000007");
    assertThat(read(SMALL).spec(39).name()).isEqualTo("small-000039");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "width = [] | space.conf, line 1: width = []: expected at least one value",
        "width = [1, 2, 1.0] | width = [1,2,1]: expected values that differ",
        "width = [1, 0] | width = 0: expected a number from 0.01 to 100",
        "widths = [1, 2] | space.conf, line 1: widths = 1: expected no such key (known: ",
        "widths = 1 | widths = 1: expected no such key (known: ",
        "stages = [{}] | expected a list of 7 objects, one for each row of the base's table",
        "stages = [1,{},{},{},{},{},{}] | stages[1] = 1: expected an object such as",
        "stages = [{ t = 4 },{},{},{},{},{},{}] | t = 4: expected no such key (known: channels, exp",
        "stages = [{ stride = 9 },{},{},{},{},{},{}] | stages[1].stride = 9: expected a whole number",
        "stages = [{ kernel = [3, 3] },{},{},{},{},{},{}] | stages[1].kernel = [3,3]: expected values",
        "stages = [{},{},{},{},{},{},{}], expansion = [3, 4] | expansion = [3,4]: expected a single",
        "constraints { mac = 1 } | constraints.mac = 1: expected no such key (known: activations",
        "constraints { elsewhere { macs = 1 } } | constraints.elsewhere.resolution is missing",
        "constraints { macs = [2, 1] } | constraints.macs = [2,1]: expected the most, or [least, most]",
        "constraints { macs = 0 } | constraints.macs = 0: expected a number from 1",
        "search { strategy = best } | search.strategy = \"best\": expected one of evolution, grid, ran",
        "search { samples = 5 } | search.samples = 5: expected no such key (known: strategy)",
        "search { strategy = random, samples = 0 } | search.samples = 0: expected a whole number",
        "search { strategy = evolution, mutation = 2 } | search.mutation = 2: expected a number from",
      })
  @DisplayName("A mistake is one sentence that names place, key and value")
  void mistakes(String hocon, String message) {
    assertThatThrownBy(() -> read("base = mobilenet-v2, " + hocon))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message);
  }

  @Test
  @DisplayName("Stages belong to inverted residuals, and a base has to be known")
  void otherMistakes() {
    assertThatThrownBy(() -> read("base = resnet-18, stages = []"))
        .hasMessageContaining("stages = []: expected none, for family resnet has none");
    assertThatThrownBy(() -> read("base = mobilenet"))
        .hasMessageContaining("base = \"mobilenet\": expected one of vgg-[11");
  }

  @Test
  @DisplayName("A grid that is too large is refused, and random samples of it are not")
  void tooLarge() {
    var rows = "{ expansion = [2,3,4,5,6,7,8,9], channels = [8,16,24,32], kernel = [3,5,7] }";
    var space = "base = mobilenet-v2, stages = [" + (rows + ",").repeat(4) + "{},{},{}]";

    assertThat(read(space).size()).isEqualTo(84_934_656L);
    assertThat(read(space).sample().count()).isEqualTo(84_934_656L);
    var larger = read(space + ", width = [1, 2]");
    assertThatThrownBy(larger::sample)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "space.conf: search.strategy = grid: expected at most 100,000,000 configurations, not"
                + " 169,869,312");
    assertThat(larger.withSamples(10).sample().count()).isEqualTo(10);
    // 512 to the power of 7 is 2^63
    var most =
        "{ expansion = [2,3,4,5,6,7,8,9], channels = [1,2,3,4,5,6,7,8], stride = [1,2,3,4,"
            + "5,6,7,8] }";
    assertThatThrownBy(() -> read("base = mobilenet-v2, stages = [" + (most + ",").repeat(7) + "]"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("9,223,372,036,854,775,808 configurations: expected at most 4,611,");
  }

  @Test
  @DisplayName("The spaces that come with Expanse can be read by name, and have valid networks")
  void shipped() throws Exception {
    try (var files = Files.list(Path.of("..", "conf", "spaces"))) {
      var names = files.map(file -> file.getFileName().toString().replace(".conf", "")).toList();
      assertThat(names).contains("mobilenet-v2");
      for (var name : names) {
        var space = SearchSpace.read(ConfigurationFiles.read("spaces", name));
        assertThat(Shortlist.of(space.withSamples(3)).networks()).as(name).hasSize(3);
      }
    }
  }
}
