package dev.expanse.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimingTest {
  private static List<Timing> on(String... processors) {
    return Stream.of(processors).map(name -> new Timing("onednn", 1, 1, name)).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "Intel(R) Xeon(R) Processor, Intel Xeon",
    "Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz, Intel Xeon Platinum 8375C",
    "Intel(R) Xeon(R) CPU E5-2690 v4 @ 2.60GHz, Intel Xeon E5-2690 v4",
    "AMD EPYC 7763 64-Core Processor, AMD EPYC 7763",
    "AMD EPYC, AMD EPYC",
    "NVIDIA H100 80GB HBM3, NVIDIA H100 80GB HBM3"
  })
  @DisplayName("A processor is told from others by its name without trademarks, cores and clock")
  void brief(String processor, String expected) {
    var timings = on(processor, "aarch64");

    assertThat(timings.get(0).among(timings)).isEqualTo("onednn, " + expected);
  }

  @Test
  @DisplayName("Where that does not tell processors apart, their names are whole")
  void whole() {
    var timings = on("Intel(R) Xeon(R) CPU @ 2.20GHz", "Intel(R) Xeon(R) CPU @ 2.70GHz");

    assertThat(timings.get(1).among(timings)).isEqualTo("onednn, Intel(R) Xeon(R) CPU @ 2.70GHz");
  }

  @Test
  @DisplayName("Threads are told where they differ, a processor only from another of that engine")
  void others() {
    var here = new Timing("onednn", 1, 1, "AMD EPYC");
    var there = new Timing("onnxruntime", 1, 2, "Intel(R) Xeon(R) Processor");

    assertThat(here.among(List.of(here, there))).isEqualTo("onednn, 1 thread");
    assertThat(there.among(List.of(here, there))).isEqualTo("onnxruntime, 2 threads");
    assertThat(here.among(List.of(here))).isEqualTo("onednn");
  }
}
