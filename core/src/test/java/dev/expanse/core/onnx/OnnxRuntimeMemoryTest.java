package dev.expanse.core.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.memory.ResidentSize;
import dev.expanse.core.network.InitialWeights;
import dev.expanse.core.network.Networks;
import dev.expanse.core.onnx.OnnxModel.Norms;
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class OnnxRuntimeMemoryTest {
  private static final OnnxModel MODEL = model();

  private static OnnxModel model() {
    var network = Networks.named("ecnn").withResolution(32).withClasses(10).network();
    return OnnxModel.of(network, InitialWeights.draw(network, 1), Norms.FOLDED);
  }

  @Test
  @DisplayName("A thousand runs grow the process by less than 2%")
  void runs() throws IOException, InterruptedException {
    var sizes = ResidentSize.of(ManyRuns.class);

    assertThat(sizes.get(1)).isLessThan(sizes.get(0) + sizes.get(0) / 50);
  }

  static final class ManyRuns {
    public static void main(String[] arguments) throws IOException {
      try (var session = OnnxRuntimeSession.open(MODEL, 1, OnnxDevice.CPU)) {
        for (int run = 0; run < 2000; run++) {
          if (run == 1000) {
            ResidentSize.report();
          }
          session.batch(1 + run % 2).run();
        }
        ResidentSize.report();
      }
    }
  }

  @Test
  @DisplayName("100 sessions opened, run and closed grow the process by less than 10%")
  void sessions() throws IOException, InterruptedException {
    var sizes = ResidentSize.of(ManySessions.class);

    // Java's heap may move by as much; weights that nobody freed would make 400 MB
    assertThat(sizes.get(1)).isLessThan(sizes.get(0) + sizes.get(0) / 10);
  }

  static final class ManySessions {
    public static void main(String[] arguments) throws IOException {
      for (int i = 0; i < 150; i++) {
        if (i == 50) {
          ResidentSize.report();
        }
        try (var session = OnnxRuntimeSession.open(MODEL, 1, OnnxDevice.CPU)) {
          session.batch(2).run();
        }
        System.gc(); // the model is a direct buffer as long as Java does not collect it
      }
      ResidentSize.report();
    }
  }
}
