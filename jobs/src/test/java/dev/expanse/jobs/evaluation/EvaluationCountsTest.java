package dev.expanse.jobs.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EvaluationCountsTest {

  @Test
  @DisplayName("Top-1, top-5, loss and recall of images counted by hand")
  void byHand() {
    var counts = new EvaluationCounts(7);
    counts.add(0, new float[] {0.4f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f, 0.1f}); // first
    counts.add(0, new float[] {0.04f, 0.3f, 0.2f, 0.2f, 0.2f, 0.03f, 0.03f}); // fifth
    counts.add(1, new float[] {0.3f, 0.01f, 0.2f, 0.2f, 0.15f, 0.1f, 0.04f}); // seventh

    assertThat(counts.images()).isEqualTo(3);
    assertThat(counts.top1()).isEqualTo(1 / 3.0);
    assertThat(counts.top5()).isEqualTo(2 / 3.0);
    double loss = -(Math.log(0.4) + Math.log(0.04) + Math.log(0.01)) / 3;
    assertThat(counts.loss()).isEqualTo(loss, within(1e-6));
    assertThat(counts.recall(0)).isEqualTo(0.5);
    assertThat(counts.recall(1)).isEqualTo(0);
    assertThat(counts.recall(2)).isNaN();
    assertThat(counts.top5Recall(0)).isEqualTo(1);
    assertThat(counts.top5Recall(1)).isEqualTo(0);
    assertThat(counts.chance()).isEqualTo(2 / 3.0);
    assertThat(counts.top1StandardError()).isEqualTo(Math.sqrt(2 / 9.0 / 3), within(1e-12));
  }

  @Test
  @DisplayName("A tie and a network that answers NaN get nothing right")
  void ties() {
    var counts = new EvaluationCounts(2);
    counts.add(0, new float[] {0.5f, 0.5f});
    counts.add(0, new float[] {Float.NaN, Float.NaN});
    counts.add(1, new float[] {Float.NaN, Float.NaN});

    assertThat(counts.top1()).isZero();
  }

  @Test
  @DisplayName("Counts of parts add up to the counts of the whole")
  void parts() {
    var a = new EvaluationCounts(2);
    a.add(0, new float[] {0.9f, 0.1f});
    var b = new EvaluationCounts(2);
    b.add(0, new float[] {0.2f, 0.8f});
    b.add(1, new float[] {0.2f, 0.8f});

    var both = new EvaluationCounts(2).add(a).add(b);

    assertThat(both.images()).isEqualTo(3);
    assertThat(both.top1()).isEqualTo(2 / 3.0);
    assertThat(both.loss()).isEqualTo((a.loss() + 2 * b.loss()) / 3, within(1e-12));
  }

  @Test
  @DisplayName(
      "The confusion matrix is that of a naive count, and its rows and diagonal are recalls")
  void confusion() {
    int classes = 9;
    var random = new Random(5);
    var naive = new long[classes][classes];
    var parts = List.of(new EvaluationCounts(classes), new EvaluationCounts(classes));
    for (int image = 0; image < 4000; image++) {
      int label = random.nextInt(classes - 1); // no image of the last class
      var probabilities = new float[classes];
      for (int c = 0; c < classes; c++) {
        probabilities[c] = random.nextInt(20); // many ties
      }
      parts.get(image % 2).add(label, probabilities);
      naive[label][firstOfTheLargest(probabilities, label)]++;
    }

    var counts = new EvaluationCounts(classes).add(parts.get(0)).add(parts.get(1));

    long right = 0;
    for (int label = 0; label < classes; label++) {
      for (int predicted = 0; predicted < classes; predicted++) {
        assertThat(counts.confusion().images(label, predicted)).isEqualTo(naive[label][predicted]);
      }
      long images = Arrays.stream(naive[label]).sum();
      assertThat(counts.images(label)).isEqualTo(images);
      var recall = (Double) ((double) naive[label][label] / images);
      assertThat(counts.recall(label)).isEqualTo(recall); // NaN equals NaN
      right += naive[label][label];
    }
    assertThat(counts.top1()).isEqualTo(right / 4000.0);
    var cells = counts.confusion().cells();
    assertThat(cells).allMatch(cell -> cell.images() == naive[cell.label()][cell.predicted()]);
    assertThat(cells).hasSize(classes * (classes - 1)); // each that can be is, and no zero
    assertThat(cells)
        .isSortedAccordingTo(
            Comparator.comparingInt((ConfusionMatrix.Cell cell) -> cell.label())
                .thenComparingInt(cell -> cell.predicted()));
  }

  /** What a stable sort puts first, with the image's own class last among equals. */
  private static int firstOfTheLargest(float[] probabilities, int label) {
    return IntStream.range(0, probabilities.length)
        .boxed()
        .sorted(
            Comparator.comparing((Integer c) -> -probabilities[c])
                .thenComparing(c -> c == label)
                .thenComparing(c -> c))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @DisplayName("What is not a number counts as the largest, and as another class than the image's")
  void notANumber() {
    var counts = new EvaluationCounts(3);
    counts.add(0, new float[] {Float.NaN, Float.NaN, Float.NaN});
    counts.add(1, new float[] {0.1f, 0.8f, Float.NaN});
    counts.add(2, new float[] {0.3f, 0.7f, Float.NaN});

    assertThat(counts.confusion().cells())
        .containsExactly(
            new ConfusionMatrix.Cell(0, 1, 1),
            new ConfusionMatrix.Cell(1, 2, 1),
            new ConfusionMatrix.Cell(2, 1, 1));
    assertThat(counts.loss()).isNaN();
  }

  @Test
  @DisplayName("The counts of a thousand images of a thousand classes are sent as less than 64 KB")
  void small() throws IOException {
    int classes = 1000;
    var random = new Random(1);
    var counts = new EvaluationCounts(classes);
    for (int image = 0; image < 1000; image++) {
      var probabilities = new float[classes];
      probabilities[random.nextInt(classes)] = 1;
      counts.add(random.nextInt(classes), probabilities);
    }
    var sent = new ByteArrayOutputStream();

    try (var out = new ObjectOutputStream(sent)) {
      out.writeObject(counts);
    }

    assertThat(counts.confusion().cells()).hasSizeGreaterThan(990);
    assertThat(sent.size()).isLessThan(64 << 10);
  }
}
