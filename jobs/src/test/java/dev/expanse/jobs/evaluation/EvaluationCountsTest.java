package dev.expanse.jobs.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
}
