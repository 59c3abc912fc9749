package dev.expanse.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineReportTest {
  private static final EngineWorkload WORKLOAD = new EngineWorkload("ecnn", 64, 8, 1);

  @TempDir private Path folder;

  @Test
  void jsonHasALineAFigureWithAPointInEveryLocale() {
    var before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(report().json())
          .hasSize(3 * EngineSubjectKind.values().length)
          .contains(
              """
              {"subject":"pytorch","network":"ecnn","what":"train","side":64,"batch":8,\
              "threads":1,"median_ms":20.500,"p10_ms":10.250,"p90_ms":30.750}""");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void linesAreAdded() throws IOException {
    var file = folder.resolve("results/engine.jsonl");
    report().appendTo(file);
    report().appendTo(file);
    assertThat(Files.readAllLines(file)).hasSize(6 * EngineSubjectKind.values().length);
  }

  @Test
  void tableComparesWithFloorAndPyTorch() {
    var row =
        report()
            .table()
            .lines()
            .filter(line -> line.contains("train") && line.contains("pytorch"))
            .findFirst();
    assertThat(row.orElseThrow().replaceAll("[| ]+", " "))
        .isEqualTo(" train 8 pytorch 10.3 20.5 30.8 390.2 1.00 1.00 2,048 ");
  }

  @Test
  void whatASubjectCannotDoIsTold() {
    var figures =
        new Measurement.Figures<>(
            Map.of(),
            Map.of(Task.train(8), Map.of(EngineSubjectKind.STOCK_DL4J, "Cannot train \"x\"")),
            Map.of());
    var report = new EngineReport(WORKLOAD, 1, figures);
    assertThat(report.table()).endsWith("stock-dl4j does not train 8: Cannot train \"x\"");
    assertThat(report.json())
        .containsExactly(
            """
            {"subject":"stock-dl4j","network":"ecnn","what":"train","side":64,"batch":8,\
            "threads":1,"refused":"Cannot train \\"x\\""}""");
  }

  private static EngineReport report() {
    var times = new HashMap<Task, Map<EngineSubjectKind, Percentiles>>();
    var peaks = new EnumMap<EngineSubjectKind, Long>(EngineSubjectKind.class);
    for (var kind : EngineSubjectKind.values()) {
      for (var task : WORKLOAD.tasks()) {
        times
            .computeIfAbsent(task, t -> new EnumMap<>(EngineSubjectKind.class))
            .put(kind, new Percentiles(10.25, 20.5, 30.75));
      }
      peaks.put(kind, 2_000_000L);
    }
    return new EngineReport(WORKLOAD, 1, new Measurement.Figures<>(times, Map.of(), peaks));
  }
}
