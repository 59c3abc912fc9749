package dev.expanse.core.latency;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessorTest {
  @TempDir private Path gpus;

  @Test
  @DisplayName("A GPU has the name that its driver tells, once for several of a kind")
  void gpu() throws IOException {
    write("0000:00:06.0", "NVIDIA H100 80GB HBM3");
    write("0000:00:07.0", "NVIDIA H100 80GB HBM3");
    assertThat(Processor.gpu(gpus)).isEqualTo("NVIDIA H100 80GB HBM3");

    write("0000:00:08.0", "NVIDIA A100-SXM4-40GB");
    assertThat(Processor.gpu(gpus)).isEqualTo("NVIDIA A100-SXM4-40GB or NVIDIA H100 80GB HBM3");
  }

  @Test
  @DisplayName("Where no driver tells it, a GPU has no name of its own")
  void unknown() {
    assertThat(Processor.gpu(gpus)).isEqualTo("NVIDIA GPU");
    assertThat(Processor.gpu(gpus.resolve("missing"))).isEqualTo("NVIDIA GPU");
  }

  @Test
  @DisplayName("The processor's name is one line")
  void cpu() {
    assertThat(Processor.name()).isNotBlank().doesNotContain("\n").doesNotContain(":");
  }

  /** As the driver writes it. */
  private void write(String bus, String model) throws IOException {
    var folder = Files.createDirectory(gpus.resolve(bus));
    Files.writeString(
        folder.resolve("information"),
        "Model: \t\t %s\nIRQ:   \t\t 41\nBus Location: \t %s\n".formatted(model, bus));
  }
}
