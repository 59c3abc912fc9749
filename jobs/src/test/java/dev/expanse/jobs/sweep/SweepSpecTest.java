package dev.expanse.jobs.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigValueFactory;
import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Networks;
import dev.expanse.jobs.data.ConfigurationFiles;
import dev.expanse.jobs.recipe.Length;
import dev.expanse.jobs.space.Search;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SweepSpecTest {
  private static final String COMMON = "dataset = sample, recipe = quick,";

  @Test
  @DisplayName("Lists make a grid: every combination is a configuration with a name that tells it")
  void grid() {
    var spec =
        read(
            COMMON
                + "width = 0.5, configurations = [{ base = ecnn, resolution = 48 }, { base ="
                + " mobilenet-v2, expansion = [3, [1,2,2,2,2,2,4.5]], resolution = [32, 64] }]");

    assertThat(spec.networks())
        .extracting(NetworkSpec::name)
        .containsExactly(
            "ecnn",
            "mobilenet-v2-t3-r32",
            "mobilenet-v2-t3-r64",
            "mobilenet-v2-t1_2_2_2_2_2_4.5-r32",
            "mobilenet-v2-t1_2_2_2_2_2_4.5-r64");
    assertThat(spec.networks())
        .extracting(NetworkSpec::resolution)
        .containsExactly(48, 32, 64, 32, 64);
    assertThat(spec.networks())
        .allMatch(network -> network.family().toHocon().contains("width = 0.5"));
    assertThat(spec.networks().get(3).family().toHocon()).contains("[4.5, 320, 1, 1, 3]");
  }

  @Test
  @DisplayName("An output stride of the sweep is that of all networks that have none of their own")
  void outputStride() {
    var spec =
        read(
            COMMON
                + "output-stride = 8, configurations = [{ base = ecnn },"
                + " { base = mobilenet-v2, output-stride = [16, 32] }]");

    assertThat(spec.networks())
        .extracting(NetworkSpec::name)
        .containsExactly("ecnn", "mobilenet-v2-os16", "mobilenet-v2-os32");
    assertThat(spec.networks()).extracting(NetworkSpec::outputStride).containsExactly(8, 16, 32);
  }

  @Test
  @DisplayName("A space adds its valid configurations, under names that tell them")
  void space() {
    var space =
        "{ base = ecnn, width = [0.25, 0.5, 1, 2], resolution = [64, 96], classes = 100,"
            + " constraints { macs = 20e6 }%s }";

    var grid = read(COMMON + "configurations = [{ base = ecnn }], space = " + space.formatted(""));
    assertThat(grid.networks())
        .extracting(NetworkSpec::name)
        .containsExactly(
            "ecnn", "ecnn-000000", "ecnn-000001", "ecnn-000002", "ecnn-000004", "ecnn-000005");
    assertThat(grid.networks().get(2).toHocon())
        .contains("width = 0.5", "resolution = 64", "classes = 100");

    var three = ", search { strategy = random, samples = 3 }";
    var drawn = read(COMMON + "space = " + space.formatted(three)).networks();
    assertThat(drawn).hasSize(3).doesNotHaveDuplicates();
    assertThat(grid.networks()).containsAll(drawn);
  }

  @Test
  @DisplayName("Changes to a recipe replace its values and keep the others")
  void recipeChanges() {
    var spec = read(COMMON + "recipe-changes { epochs = 77 }, configurations = [{ base = ecnn }]");
    var plain = read(COMMON + "configurations = [{ base = ecnn }]");

    assertThat(spec.recipe().length()).isEqualTo(new Length.Epochs(77));
    assertThat(spec.recipe().batch()).isEqualTo(plain.recipe().batch());
    assertThat(plain.seeds()).containsExactly(1L);
    var seeded = COMMON + "recipe-changes { seed = 5 }, configurations = [{ base = ecnn }]";
    assertThat(read(seeded).seeds()).containsExactly(5L);
    assertThat(read(seeded + ", seed = 6").seeds()).containsExactly(6L);
    assertThat(read(seeded + ", seeds = [7, 2, 7]").seeds()).containsExactly(7L, 2L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sample", "smallest"})
  @DisplayName("The sweeps that come with Expanse can be read, ecnn among their networks")
  void shipped(String name) {
    assertThat(SweepSpec.read(ConfigurationFiles.read("sweeps", name)).networks())
        .extracting(NetworkSpec::name)
        .contains("mobilenet-v2", "ecnn");
  }

  @Test
  @DisplayName("What is searched on photographs has half of MobileNetV2's computation, at 224 too")
  void photographs() {
    var baseline = Networks.named("mobilenet-v2").withClasses(100);

    var networks = photographs("search.conf");

    assertThat(networks).hasSize(20);
    for (var network : networks) {
      var large = new NetworkSpec("large", network.family(), 224, network.classes());
      var small = new NetworkSpec("small", baseline.family(), 64, 100, network.outputStride());
      assertThat(2 * macs(large)).isLessThanOrEqualTo(macs(baseline));
      assertThat(2 * macs(network)).isLessThanOrEqualTo(macs(small));
    }
  }

  @Test
  @DisplayName(
      "What is trained in the end is what was searched, beside six networks of the paper and three ablations")
  void finalPhotographs() {
    var searched = photographs("search.conf").stream().map(NetworkSpec::hash).toList();

    var networks = photographs("final.conf");

    assertThat(networks).hasSize(6 + 10 + 3);
    assertThat(networks.stream().map(NetworkSpec::outputStride)).containsOnly(16);
    assertThat(photographs("first-weights.conf"))
        .extracting(NetworkSpec::outputStride)
        .containsExactly(16);
    assertThat(networks)
        .filteredOn(network -> network.name().matches("ecnn|found-.*"))
        .hasSize(10)
        .allMatch(network -> searched.contains(network.withClasses(100).hash()));
  }

  private static List<NetworkSpec> photographs(String file) {
    var folder = "../conf/experiments/photographs/";
    var recipe = ConfigValueFactory.fromAnyRef(folder + "recipe.conf");
    return SweepSpec.read(ConfigurationFiles.read("sweeps", folder + file).with("recipe", recipe))
        .networks();
  }

  private static long macs(NetworkSpec spec) {
    return Complexity.of(spec.network()).macs();
  }

  @Test
  @DisplayName("The sweep that comes with Expanse for evolution has no network before it begins")
  void shippedEvolution() {
    var spec = SweepSpec.read(ConfigurationFiles.read("sweeps", "evolution"));

    assertThat(spec.networks()).isEmpty();
    var space = spec.space().orElseThrow();
    assertThat(space.evolution()).contains(new Search.Evolve(4, 3, 0.2, 1));
    assertThat(space.space().constraints().latencyP50Ms()).hasValue(5);
    assertThat(space.count()).isEqualTo(3 * 5 * 2);
  }

  @Test
  @DisplayName("The example networks in conf/networks can be read")
  void exampleNetworks() throws IOException {
    try (var files = Files.list(Path.of("..", "conf", "networks"))) {
      var specs = files.map(file -> ConfigurationFiles.network(file.toString())).toList();
      assertThat(specs).isNotEmpty().allMatch(spec -> spec.network().classes() == 100);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "engine = fast, configurations = [{ base = ecnn }] | engine = \"fast\": expected one of onednn, stock",
        "threads = 0, configurations = [{ base = ecnn }] | threads = 0: expected a whole number from 1",
        "configurations = [] | configurations = []: expected at least one",
        "configurations = [ecnn] | configurations = \"ecnn\": expected a list of objects",
        "configurations = [{ base = ecn }] | base = \"ecn\": expected one of vgg-[11, 11-bn",
        "configurations = [{ base = ecnn, resolution = 0 }] | resolution = 0: expected a whole",
        "configurations = [{ base = ecnn, width = [] }] | width = []: expected at least one value",
        "configurations = [{ base = ecnn }], workers = 0 | workers = 0: expected a whole number",
        "configurations = [{ base = ecnn }], recipe-changes { batch = 1 } | batch = 1: expected",
        "configurations = [{ base = ecnn, expand = 3 }] | expand = 3: expected no such key",
        "configurations = [{ base = ecnn, table = [[1,16,1,1]] }] | expected a row of 5 values",
        "configurations = [{ base = ecnn }], latency { warmup = 1 } | latency.warmup = 1",
        "configurations = [{ base = ecnn }], sead = 1 | sead = 1: expected no such key",
        "configurations = [{ base = ecnn }], seeds = 1 | seeds = 1: expected a list",
        "configurations = [{ base = ecnn }], seeds = [] | seeds = []: expected at least one whole",
        "configurations = [{ base = ecnn }], seed = 1, seeds = [1] | expected either seed or seeds",
        "configurations = [{ base = ecnn }], train = task | expected one of averaged, tasks",
        "configurations = [{ base = ecnn }], train = tasks, workers = 2 | workers = 2: expected none",
        "configurations = [{ base = ecnn }], recipe-changes.averaging.master = dl4j | train = tasks",
        "configurations = [{ base = ecnn }], workers = 2, halving.rungs = [1] | expected none, or train",
        "configurations = [{ base = ecnn }], halving { rungs = [] } | rungs = []: expected at least",
        "configurations = [{ base = ecnn }], halving { rungs = [2, 1] } | epochs from low to high",
        "configurations = [{ base = ecnn }], halving { rungs = [4] } | fewer than the recipe's 4",
        "configurations = [{ base = ecnn }], halving { rungs = [1], keep = 1 } | halving.keep = 1:",
        "configurations = [{ base = ecnn }], latency { engines = [fast] } | latency.engines = \"fast\"",
        "configurations = [{ base = ecnn }], latency { threads = [1, 0] } | latency.threads = 0: expected",
        "configurations = [{ base = ecnn }], latency { threads = [] } | latency.threads = []: expected",
        "configurations = [{ base = ecnn }], latency { batches = [0] } | latency.batches = 0: expected",
        "configurations = [{ base = ecnn }], recipe-changes { epoch = 1 } | epoch = 1: expected no",
        "space { base = ecnn, widths = 1 } | widths = 1: expected no such key",
        "space { base = ecnn, width = [0] } | space.width = 0: expected a number from 0.01",
        "space { base = ecnn, constraints { macs = 1 } } | expected a valid configuration, but of 1",
        "space { base = ecnn, search { strategy = evolution, populations = 9 } } | space.search.populations = 9: expected no such key (known: generations, mutation, population, seed, strategy)",
        "space { base = ecnn, search { strategy = evolution, population = 1 } } | space.search.population = 1: expected a whole number from 2",
        "space { base = ecnn, search { strategy = evolve } } | space.search.strategy = \"evolve\": expected one of evolution, grid, random",
        "space { base = ecnn, constraints { macs = 1 }, search.strategy = evolution } | expected a valid configuration, but of 1",
        "space { base = ecnn, constraints { latency-p50 = 1 } } | space.constraints.latency-p50 = 1: expected no such key",
        "space { base = ecnn, search.strategy = evolution }, halving.rungs = [1] | halving = {\"rungs\":[1]}: expected none beside a space",
        "space = none | none: no such name under conf/spaces",
        "space = none.conf | none.conf: no such file",
        "configurations = [{ base = ecnn, resolution = 32 }, { base = ecnn }], baseline = ecnn | baseline = ecnn: expected a name that one",
        "space { base = ecnn }, baseline = ecnn | baseline = \"ecnn\": expected none, for want of",
        "configurations = [{ base = ecnn }], baseline = ecn | baseline = \"ecn\": expected one of ecnn",
        "recipe = slow, configurations = [{ base = ecnn }] | slow: no such name under conf/recipes",
      })
  @DisplayName("A mistake is one sentence that names key and value")
  void mistakes(String hocon, String message) {
    assertThatThrownBy(() -> read(COMMON + hocon))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message);
  }

  @Test
  @DisplayName("A network's file that is missing or malformed is named with the line")
  void files(@TempDir Path folder) throws Exception {
    var file = folder.resolve("net.conf");
    Files.writeString(file, "name = x\nfamily = inverted-residual\ntable = [[1, 16, 1, 1]]\n");
    assertThatThrownBy(() -> ConfigurationFiles.network(file.toString()))
        .hasMessageStartingWith(file + ", line 3: table = [1,16,1,1]: expected a row of 5 values");
    assertThatThrownBy(() -> ConfigurationFiles.network(folder + "/none.conf"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("none.conf: no such file");
  }

  private static SweepSpec read(String hocon) {
    return SweepSpec.read(Settings.parse(hocon, "sweep.conf"));
  }
}
