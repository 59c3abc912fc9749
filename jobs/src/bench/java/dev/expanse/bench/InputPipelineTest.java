package dev.expanse.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InputPipelineTest {
  private static final int SIDE = 96;

  /** In standard deviations of a channel, which are some 58 levels. */
  private static final double CLOSE = 0.12;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void decodesAllPixels(InputSubjectKind kind) throws IOException {
    var photograph = Photograph.of(Path.of("made.jpg"), PhotographMaker.make(3));
    assertThat(kind.pipeline(SIDE).decode(photograph)).isEqualTo(500 * 375);
  }

  @ParameterizedTest
  @EnumSource
  void takesTheEvaluationViewThatExpanseTakes(InputSubjectKind kind) throws IOException {
    var photograph = Photograph.of(Path.of("made.jpg"), PhotographMaker.make(2));
    var expected = batch();
    new ExpansePipeline(SIDE).evaluate(photograph, expected, 1);
    var actual = batch();
    kind.pipeline(SIDE).evaluate(photograph, actual, 1);
    assertThat(meanDifference(actual, expected)).isLessThan(CLOSE);
  }

  @ParameterizedTest
  @EnumSource
  void takesTheTrainingViewsThatExpanseTakes(InputSubjectKind kind) throws IOException {
    var photograph = Photograph.of(Path.of("made.jpg"), PhotographMaker.make(5));
    for (int seed = 0; seed < 10; seed++) {
      var expected = batch();
      new ExpansePipeline(SIDE).augment(photograph, new SplittableRandom(seed), expected, 1);
      var actual = batch();
      kind.pipeline(SIDE).augment(photograph, new SplittableRandom(seed), actual, 1);
      assertThat(meanDifference(actual, expected)).as("seed %d", seed).isLessThan(CLOSE);
    }
  }

  private static float[] batch() {
    return new float[2 * SIDE * SIDE * 3];
  }

  /** Of the values at index 1; those at index 0 are as they were. */
  private static double meanDifference(float[] actual, float[] expected) {
    int half = actual.length / 2;
    double sum = 0;
    for (int i = 0; i < half; i++) {
      assertThat(actual[i]).isZero();
      sum += Math.abs(actual[half + i] - expected[half + i]);
    }
    return sum / half;
  }

  /** In processes of their own, as in a benchmark. */
  @ParameterizedTest
  @EnumSource
  void takesPositiveTimes(InputSubjectKind kind) throws IOException {
    Files.write(folder.resolve("0.jpg"), PhotographMaker.make(0));
    var workload = new InputWorkload(folder, 1, SIDE, 2);
    try (var subject = SubjectProcess.start(kind, workload)) {
      for (var task : workload.tasks()) {
        assertThat(subject.measure(task, 1)).isNotEmpty().allMatch(ms -> ms > 0);
      }
    }
  }
}
