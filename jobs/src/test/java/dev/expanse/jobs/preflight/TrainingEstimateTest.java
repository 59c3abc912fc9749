package dev.expanse.jobs.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.recipe.Recipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@EnabledOnOs(OS.LINUX)
class TrainingEstimateTest {
  private static final int HEAP_MEBIBYTES = 1200;

  /** Three rounds, of which the last ones take most. */
  private static final String RECIPE =
      "batch = %d, images = %d, learning-rate = 1e-6, averaging.frequency = 1";

  // where nothing is measured
  private static final String QUICK_START = "-XX:TieredStopAtLevel=1";

  private static Path dataset;

  @BeforeAll
  static void write(@TempDir Path folder) {
    dataset = MeasuredTraining.dataset(folder);
  }

  @ParameterizedTest(name = "{0}, {1} pixels, batch {2}, {3}")
  @CsvSource({
    "'vgg-11, width = 0.5', 64, 8, onednn",
    "mobilenet-v2, 96, 16, onednn",
    "densenet-121, 64, 8, onednn",
    "mobilenet-v2, 64, 8, stock"
  })
  @DisplayName(
      "What a training is said to need off the heap is 0.7 to 2 times what it is measured to take")
  void estimate(String name, int side, int batch, String engine) throws Exception {
    var spec = spec(name, side);
    var recipe = recipe(batch);

    var measured = MeasuredTraining.of(dataset, HEAP_MEBIBYTES, spec, recipe, engine);

    var compute = new Compute(Engine.valueOf(engine.toUpperCase(Locale.ROOT)), 1);
    var work = new Work.Training(spec, recipe, compute, MeasuredTraining.WORKERS);
    var need = work.inOneProcess(MeasuredTraining.WORKERS, MeasuredTraining.WORKERS);
    double outside = need.buffers() + need.arrays() + MemoryCheck.NATIVE_BASE;
    var numbers = measured + ", said to need " + need;
    assertThat(outside / measured.outside()).as(numbers).isBetween(0.7, 2.0);
    if (compute.engine() == Engine.ONEDNN) { // which alone has scratch to speak of
      assertThat(need.buffers() / measured.buffers()).as(numbers).isBetween(0.7, 2.0);
    }
  }

  @Test
  @DisplayName("A heap of 1/0.7 of what a training is said to need is enough, half of it is not")
  void heap() throws Exception {
    var spec = spec("resnet-18", 32);
    var recipe = recipe(4);
    var compute = new Compute(Engine.ONEDNN, 1);
    var work = new Work.Training(spec, recipe, compute, MeasuredTraining.WORKERS);
    var need = work.inOneProcess(MeasuredTraining.WORKERS, MeasuredTraining.WORKERS);
    double bytes = need.heap() + MemoryCheck.HEAP_BASE;

    var enough = MeasuredTraining.run(dataset, heap(bytes / 0.7), spec, recipe, "onednn");
    assertThat(enough.status()).as(enough.output()).isZero();
    var half = MeasuredTraining.run(dataset, heap(bytes / 2), spec, recipe, "onednn");
    assertThat(half.status()).as(half.output()).isNotZero();
    assertThat(half.output()).contains("java.lang.OutOfMemoryError: Java heap space");
  }

  private static List<String> heap(double bytes) {
    return List.of(
        "-Xmx" + (long) (bytes / 1024) + "k", "-XX:+ExitOnOutOfMemoryError", QUICK_START);
  }

  @Test
  @DisplayName("Begun without that, a training that outgrows its limit fails with the size")
  void outgrown() throws Exception {
    var recipe = recipe(32);

    var ended =
        MeasuredTraining.run(
            dataset,
            List.of("-Xmx500m", "-Dorg.bytedeco.javacpp.maxphysicalbytes=1200m", QUICK_START),
            spec("mobilenet-v2", 160),
            recipe,
            "onednn");

    assertThat(ended.status()).as(ended.output()).isEqualTo(1); // no signal, and not Spark's 52
    assertThat(ended.output())
        .containsPattern(
            "MemoryShortageException: out of memory: could not have (more|[0-9,]+ bytes.*) outside of the"
                + " heap, .*axPhysicalBytes.*: raise -Dorg.bytedeco.javacpp.maxphysicalbytes=1200m"
                + " in spark.driver.extraJavaOptions")
        .doesNotContain("measured: ");
  }

  private static Recipe recipe(int batch) {
    int images = 3 * batch * MeasuredTraining.WORKERS;
    return Recipe.read(Settings.parse(RECIPE.formatted(batch, images), "recipe"));
  }

  private static NetworkSpec spec(String name, int side) {
    return NetworkSpec.read(
        Settings.parse("base = " + name + ", resolution = " + side + ", classes = 4", name));
  }
}
