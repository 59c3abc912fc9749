package dev.expanse.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.bench.Measurement.Figures;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InputReportTest {
  private static final InputWorkload WORKLOAD = new InputWorkload(Path.of("none"), 40, 224, 1);

  @Test
  void jsonHasALineAFigureWithAPointInEveryLocale() {
    var before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      assertThat(report().json())
          .hasSize(3 * InputSubjectKind.values().length - 1 + 2) // one has no decode, two a reader
          .contains(
              """
              {"subject":"opencv","photographs":"made","what":"augment","side":224,"batch":40,\
              "threads":1,"median_ms":100.500,"p10_ms":50.250,"p90_ms":150.750,\
              "images_per_s_per_core":398.0}""");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void tableComparesWithImageIo() {
    var row =
        report()
            .table()
            .lines()
            .filter(line -> line.contains("decode") && line.contains("opencv"))
            .findFirst();
    assertThat(row.orElseThrow().replaceAll("[| ]+", " "))
        .isEqualTo(" decode opencv 1.26 2.51 3.77 398 2.00 ");
  }

  /** Everything takes 100.5 ms a pass, ImageIO twice as long. */
  private static InputReport report() {
    var times = new HashMap<Task, Map<InputSubjectKind, Percentiles>>();
    for (var task : WORKLOAD.tasks()) {
      var bySubject = new LinkedHashMap<InputSubjectKind, Percentiles>();
      for (var kind : InputSubjectKind.values()) {
        double slowness = kind == InputSubjectKind.IMAGEIO ? 2 : 1;
        if (WORKLOAD.includes(kind, task)) {
          bySubject.put(
              kind, new Percentiles(50.25 * slowness, 100.5 * slowness, 150.75 * slowness));
        }
      }
      times.put(task, bySubject);
    }
    return new InputReport(WORKLOAD, "made", 1, new Figures<>(times, Map.of(), Map.of()));
  }
}
