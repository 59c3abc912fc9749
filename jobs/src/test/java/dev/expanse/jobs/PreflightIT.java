package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The preflight on executors that are processes of their own, with less memory than the driver. */
class PreflightIT {
  @TempDir private static Path work;
  private static Path sparkHome;

  @BeforeAll
  static void makeSparkHome() throws IOException {
    sparkHome = SubmittedApplication.sparkHome(work.resolve("spark"));
  }

  @Test
  @DisplayName("Both executors answer, and what fits there is let through")
  void fits() throws Exception {
    try (var application =
        submit(
            "fits",
            "preflight",
            "--network",
            "mobilenet-v2",
            "--resolution",
            "64",
            "--dataset",
            "sample")) {
      assertThat(application.awaitEnd()).as(application.log()).isZero();
      assertThat(application.log())
          .containsPattern("\\| driver +\\| 127.0.0.1 +\\| +\\d+ \\| +0 x 1 \\|")
          .containsPattern(
              "\\| 0 +\\| 127.0.0.1 +\\| +\\d+ \\| +1 x 1 \\| +1\\.\\d \\| +1\\.1 \\| +3\\.2 \\|")
          .containsPattern(
              "\\| 1 +\\| 127.0.0.1 +\\| +\\d+ \\| +1 x 1 \\| +1\\.\\d \\| +1\\.1 \\| +3\\.2 \\|")
          .containsPattern("\\| 1 .* \\| +0 \\| ok +\\| ok +\\|")
          .contains("nothing is in the way");
    }
  }

  @Test
  @DisplayName("What outgrows an executor is refused with the figures, before anything is trained")
  void refused() throws Exception {
    var recipe =
        Files.writeString(
            work.resolve("large.conf"),
            "batch = 1000, epochs = 1, learning-rate = 0.1, averaging.frequency = 1");
    var model = work.resolve("model").toString();
    try (var application =
        submit(
            "refused",
            "train",
            "--network",
            "mobilenet-v2",
            "--recipe",
            recipe.toString(),
            "--output",
            model)) {
      assertThat(application.awaitEnd()).as(application.log()).isEqualTo(2);
      assertThat(application.log())
          .containsPattern(
              "(?m)^expanse: mobilenet-v2: needs about \\d+\\.\\d GB of Java heap in executor [01] on"
                  + " 127.0.0.1 to train .* with a batch of 1000, which has 1\\.\\d GB: expected"
                  + " spark.executor.memory = \\d+m, or a smaller network or batch$");
      assertThat(work.resolve("model")).doesNotExist();
    }
  }

  private static SubmittedApplication submit(String name, String... job) throws IOException {
    var words = new ArrayList<>(List.of(job));
    words.addAll(List.of("--results", work.resolve("results").toString()));
    return SubmittedApplication.onTwoExecutors(work.resolve(name + ".log"), sparkHome, words);
  }
}
