package dev.expanse.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Networks;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FamiliesBenchTest {
  private static final EngineWorkload ECNN = new EngineWorkload("ecnn", 64, 16, 1);
  private static final EngineWorkload GOOGLENET = new EngineWorkload("googlenet", 64, 16, 1);

  @Test
  @DisplayName("Without options a network of every family is measured")
  void everyFamily() {
    var networks =
        Bench.commandLine()
            .getSubcommands()
            .get(FamiliesWorkload.BENCHMARK)
            .getCommandSpec()
            .findOption("--network")
            .defaultValue()
            .split(",");
    assertThat(Stream.of(networks).map(BenchNetworks::named).map(FamiliesBenchTest::family))
        .containsAll(
            Networks.names().stream().map(Networks::named).map(FamiliesBenchTest::family).toList());
  }

  private static String family(NetworkSpec spec) {
    return spec.family().key();
  }

  @Test
  @DisplayName("-x0.5 behind a name halves the channels and nothing else")
  void narrower() {
    var whole = Networks.named("vgg-11-bn").network();
    var half = BenchNetworks.named("vgg-11-bn-x0.5").network();
    assertThat(half.nodes()).hasSameSizeAs(whole.nodes());
    assertThat(half.node("stage5.2.act").shape().channels()).isEqualTo(256);
    assertThat(half.node("hidden2").shape().channels()).isEqualTo(2048);
    assertThat(half.classes()).isEqualTo(1000);
    assertThat(BenchNetworks.named("shufflenet-v2-0.5"))
        .isEqualTo(Networks.named("shufflenet-v2-0.5"));
  }

  @Test
  @DisplayName("The process of a subject makes the same workload again")
  void parsed() {
    var workload = new FamiliesWorkload(new EngineWorkload("vgg-16-x0.5", 64, 16, 2));
    assertThat(Workload.parse(workload.benchmark(), workload.arguments())).isEqualTo(workload);
  }

  @Test
  @DisplayName("A subject in a process of its own says what it cannot do, and goes on")
  void goesOn() {
    var workload = new FamiliesWorkload(new EngineWorkload("ecnn", 32, 2, 1));
    try (var subject = SubjectProcess.start(EngineSubjectKind.EXPANSE, workload)) {
      assertThatThrownBy(() -> subject.warmUp(new Task(Task.What.DECODE, 2)))
          .isInstanceOf(TaskRefusedException.class)
          .hasMessage("An engine has no task decode 2");
      assertThat(subject.measure(Task.infer(2), 1)).isNotEmpty().allMatch(ms -> ms > 0);
    }
  }

  @Test
  @DisplayName("A row has both times and their ratio, or why there is none")
  void rows() {
    var report =
        new FamiliesReport(
            List.of(
                new FamiliesReport.Row(ECNN, Optional.of(figures()), ""),
                new FamiliesReport.Row(GOOGLENET, Optional.empty(), "expanse ended with status 9")),
            5);
    var lines = report.table().lines().map(line -> line.replaceAll("[| ]+", " ")).toList();
    assertThat(lines)
        .contains(
            " ecnn 11.9 Cannot train 8.0 12.0 10.0 1.20 ",
            " googlenet 122.3 expanse ended with status 9 expanse ended with status 9 ");
    assertThat(report.json())
        .hasSize(4)
        .contains(
            """
            {"subject":"expanse","network":"ecnn","what":"infer","side":64,"batch":16,\
            "threads":1,"median_ms":12.000,"p10_ms":11.000,"p90_ms":13.000}""")
        .anyMatch(line -> line.endsWith("\"refused\":\"Cannot train\"}"));
  }

  private static Measurement.Figures<EngineSubjectKind> figures() {
    var floor = EngineSubjectKind.ONEDNN_FLOOR;
    var expanse = EngineSubjectKind.EXPANSE;
    return new Measurement.Figures<>(
        Map.of(
            ECNN.training(), Map.of(floor, new Percentiles(7, 8, 9)),
            ECNN.inference(),
                Map.of(floor, new Percentiles(9, 10, 11), expanse, new Percentiles(11, 12, 13))),
        Map.of(ECNN.training(), Map.of(expanse, "Cannot train")),
        Map.of());
  }
}
