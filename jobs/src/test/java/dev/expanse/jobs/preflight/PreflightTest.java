package dev.expanse.jobs.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.Engine;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.RowGroup;
import dev.expanse.jobs.preflight.ProcessFacts.Versions;
import dev.expanse.jobs.recipe.Recipe;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreflightTest {
  private static final long GB = 1_000_000_000;
  private static final MemoryLimits LARGE = new MemoryLimits(64 * GB, 64 * GB, 128 * GB, 256 * GB);
  private static final Versions VERSIONS = new Versions("17.0.1", "0.1", "3.5.9", "1.0.0-M2");
  private static final ProcessFacts DRIVER = process("driver", LARGE);

  private static ProcessFacts process(String id, MemoryLimits memory) {
    return new ProcessFacts(
        id, "host" + id, 4, 2, memory, "some CPU", "AVX2", VERSIONS, 0, null, null);
  }

  private static Preflight cluster(ProcessFacts... executors) {
    return new Preflight(new Census(DRIVER, List.of(executors), List.of(), Map.of()), false);
  }

  private static Work.Training training(String network, int batch, int workers) {
    var recipe =
        Recipe.read(
            Settings.parse(
                "batch = %d, epochs = 1, learning-rate = 0.1, averaging.frequency = 1"
                    .formatted(batch),
                ""));
    var spec = NetworkSpec.read(Settings.parse("base = " + network, network));
    return new Work.Training(spec, recipe, new Compute(Engine.ONEDNN, 1), workers);
  }

  @Test
  @DisplayName("This process says what the JVM and Spark say of it, in less than a second")
  void here() {
    var engines = List.of("onednn", "stock");
    var preflight = Preflight.of(LocalSpark.context(), engines, List.of());
    double fastest = Double.MAX_VALUE; // others may be at work on this machine
    for (int i = 0; i < 5; i++) {
      long start = System.nanoTime();
      Preflight.of(LocalSpark.context(), engines, List.of());
      fastest = Math.min(fastest, (System.nanoTime() - start) / 1e9);
    }

    assertThat(fastest).isLessThan(1);
    assertThat(preflight.verdicts()).noneMatch(Verdict::refused);
    var text = preflight.text(3);
    assertThat(text)
        .containsPattern("\\| driver +\\| " + Pattern.quote("127.0.0.1"))
        .contains(" 2 x 3 |")
        .contains(Runtime.version().toString())
        .contains(LocalSpark.context().version())
        .contains("1.0.0-M2")
        .contains(" %.1f |".formatted(Runtime.getRuntime().maxMemory() / 1e9))
        .contains(" %.1f |".formatted(Pointer.maxPhysicalBytes() / 1e9));
  }

  @ParameterizedTest
  @CsvSource({"resnet-152, 8", "vgg-11, 8"})
  @DisplayName("A large network is refused on a small heap with the figures and the setting")
  void smallHeap(String network, int batch) {
    var small = new MemoryLimits(2 * GB, 64 * GB, 128 * GB, 256 * GB);
    var local = cluster(process("driver", small));
    var work = training(network, batch, 2);

    assertThat(local.refusal(work))
        .hasValueSatisfying(
            sentence ->
                assertThat(sentence)
                    .startsWith(network + ": needs about ")
                    .contains(" GB of Java heap in the driver to train ")
                    .contains("which has 2.0 GB: expected spark.driver.memory = "));
    assertThat(cluster(process("driver", LARGE)).refusal(work)).isEmpty();
  }

  @Test
  @DisplayName("What is recommended is enough")
  void recommended() {
    var work = training("resnet-152", 8, 2);
    var small = new MemoryLimits(2 * GB, 64 * GB, 128 * GB, 256 * GB);
    var sentence = cluster(process("driver", small)).refusal(work).orElseThrow();
    var memory = Pattern.compile("memory = (\\d+)m").matcher(sentence);
    assertThat(memory.find()).isTrue();

    long heap = Long.parseLong(memory.group(1)) << 20;
    var raised = new MemoryLimits(heap, 64 * GB, 128 * GB, 256 * GB);
    assertThat(cluster(process("driver", raised)).refusal(work)).isEmpty();
  }

  @Test
  @DisplayName("The executor that has too little is named, and its own setting")
  void oneExecutor() {
    var less = new MemoryLimits(64 * GB, 64 * GB, 2 * GB, 256 * GB);
    var work = training("mobilenet-v2", 64, 2);

    assertThat(cluster(process("0", LARGE), process("1", less)).refusal(work))
        .hasValueSatisfying(
            sentence ->
                assertThat(sentence)
                    .contains("of memory in all in executor 1 on host1 to train 3,504,872")
                    .contains("which has 2.0 GB: expected -Dorg.bytedeco.javacpp.maxphysicalbytes=")
                    .contains(" in spark.executor.extraJavaOptions"));
    assertThat(cluster(process("0", LARGE), process("1", LARGE)).refusal(work)).isEmpty();
  }

  @Test
  @DisplayName("A container that is too small is refused, whatever JavaCPP's limits allow")
  void container() {
    var small = new MemoryLimits(GB, 64 * GB, 128 * GB, 2 * GB);
    var work = training("mobilenet-v2", 64, 1);

    assertThat(cluster(process("0", small)).refusal(work))
        .hasValueSatisfying(
            sentence -> assertThat(sentence).contains("spark.executor.memoryOverhead"));
  }

  @Test
  @DisplayName(
      "Trainings that fit alone are warned of where an executor's tasks need more together")
  void neighbours() {
    var works =
        List.of(
            training("mobilenet-v2", 2, 1),
            training("mobilenet-v2", 32, 1),
            training("mobilenet-v2", 24, 1));
    var alone = cluster(process("0", LARGE)).together(works.subList(1, 2));
    var some = new MemoryLimits(64 * GB, 64 * GB, 5 * GB, 256 * GB);
    var executor = cluster(process("0", some));

    assertThat(alone).isEmpty();
    assertThat(works).allSatisfy(work -> assertThat(executor.refusal(work)).isEmpty());
    assertThat(executor.together(works.subList(0, 2))).isEmpty();
    assertThat(executor.together(works)) // of the two tasks that it has
        .singleElement()
        .satisfies(
            verdict -> {
              assertThat(verdict.refused()).isFalse();
              assertThat(verdict.sentence())
                  .startsWith("the 2 largest trainings together: need about ")
                  .contains(" of memory in all in executor 0 on host0 to run at once, ")
                  .contains("which has 5.0 GB: expected -Dorg.bytedeco.javacpp.maxphysicalbytes=")
                  .endsWith(" in spark.executor.extraJavaOptions, or fewer tasks at once");
            });
  }

  @Test
  @DisplayName("A limit above the container's is warned of: the container would be killed first")
  void unlimited() {
    var process = process("0", new MemoryLimits(GB, GB, 8 * GB, 4 * GB));

    assertThat(cluster(process).verdicts())
        .singleElement()
        .satisfies(
            verdict -> {
              assertThat(verdict.refused()).isFalse();
              assertThat(verdict.sentence())
                  .contains(
                      "maxphysicalbytes is 8.0 GB, and the system ends the process beyond 4.0");
            });
  }

  @Test
  @DisplayName("Each mistake is a sentence: natives, dataset, versions, clock, silence, threads")
  void mistakes() {
    var sick =
        new ProcessFacts(
            "1",
            "host1",
            1,
            2,
            LARGE,
            "other CPU",
            "none",
            new Versions("21", "0.1", "3.5.9", "1.0.0-M2"),
            0,
            "oneDNN does not load",
            "file:/x: no such file");
    var census =
        new Census(
            DRIVER,
            List.of(process("0", LARGE), sick),
            List.of("2 on host2"),
            Map.of("1", -7_000L));
    var preflight = new Preflight(census, true);

    var sentences = preflight.verdicts().stream().map(Verdict::sentence).toList();

    assertThat(sentences)
        .hasSize(6)
        .anyMatch(sentence -> sentence.startsWith("executor 2 on host2: did not answer"))
        .anyMatch(sentence -> sentence.startsWith("executor 1 on host1: oneDNN does not load"))
        .anyMatch(sentence -> sentence.contains("cannot read the dataset (file:/x: no such file)"))
        .anyMatch(sentence -> sentence.contains("java=21") && sentence.contains("java=17.0.1"))
        .anyMatch(sentence -> sentence.contains("clock is 7.0 s behind the driver's"))
        .anyMatch(sentence -> sentence.contains("different processors"));
    assertThatThrownBy(preflight::require)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("executor 2 on host2: did not answer");
    assertThat(preflight.verdicts(training("mobilenet-v2", 2, 4)))
        .extracting(Verdict::sentence)
        .containsExactly(
            "executor 1 on host1: 2 task(s) at once with 1 thread(s) each, on 1 core(s): threads"
                + " that wait for a core hold up all others");
  }

  @Test
  @DisplayName("What an engine cannot compute is refused before it is tried")
  void unsupported() {
    var resnext = training("resnet-50, groups = 32, group-width = 4", 32, 1);
    var compute = new Compute(Engine.STOCK, 1);
    var here = cluster(process("1", LARGE));

    var sentence =
        here.refusal(new Work.Training(resnext.spec(), resnext.recipe(), compute, 1)).orElseThrow();

    assertThat(sentence)
        .startsWith("engine = stock: expected another one, such as onednn, for ")
        .endsWith(" groups of 128 channels are neither dense nor depthwise");
    assertThat(here.refusal(Work.Inference.onAll(resnext.spec(), Engine.STOCK, 1, 1)))
        .contains(sentence);
    assertThat(here.refusal(resnext)).isEmpty();
  }

  @Test
  @DisplayName("A shard that cannot be read is an executor's answer, not an exception")
  void shard() {
    var question =
        new ProcessFacts.Question(
            List.of("onednn"), List.of(new RowGroup("file:/none.parquet", 0, 0, 1, 1).shard()));

    var facts = ProcessFacts.here(question, LocalSpark.context().hadoopConfiguration());

    assertThat(facts.data()).contains("none.parquet");
  }

  @Test
  @DisplayName("On YARN a container has Spark's overhead beside the heap, a tenth or 384 MiB")
  void granted() {
    var conf = new SparkConf(false).set("spark.master", "yarn").set("spark.executor.memory", "8g");

    assertThat(ProcessFacts.granted(conf, false)).isEqualTo((8192L + 819) << 20);
    assertThat(ProcessFacts.granted(conf, true)).isEqualTo((1024L + 384) << 20);
    conf.set("spark.executor.memoryOverhead", "4g");
    assertThat(ProcessFacts.granted(conf, false)).isEqualTo((8192L + 4096) << 20);
    assertThat(ProcessFacts.granted(conf.set("spark.master", "spark://host:7077"), false)).isZero();
  }

  @Test
  @DisplayName("A processor without the build's instructions is told of before natives are loaded")
  void features() {
    assertThat(Natives.lacking(List.of("sse4_2", "avx2", "avx512f"))).isEmpty();
    assertThat(Natives.lacking(List.of())).isEmpty();
    var built =
        System.getProperty("java.class.path").contains("-avx2")
            || System.getProperty("surefire.test.class.path", "").contains("-avx2");
    assertThat(Natives.lacking(List.of("sse4_2")).isPresent()).isEqualTo(built);
  }
}
