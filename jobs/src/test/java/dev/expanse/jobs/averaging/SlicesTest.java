package dev.expanse.jobs.averaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.expanse.jobs.averaging.Slices.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SlicesTest {
  @Test
  @DisplayName("Averages are weighted by images, and the same in whatever order shares arrive")
  void weighted() {
    var random = new Random(1);
    int workers = 7;
    var slices = new Slices(1000, 3);
    var values = new float[workers][1000];
    var images = new long[workers];
    var shares = new ArrayList<List<Part>>();
    for (int w = 0; w < workers; w++) {
      for (int i = 0; i < 1000; i++) {
        values[w][i] = (float) random.nextGaussian();
      }
      images[w] = random.nextInt(100) + 1;
      shares.add(slices.cut(report(w, images[w]), values[w]));
    }
    shares.add(slices.cut(report(workers, 0), new float[0])); // a worker without images

    float[] first = null;
    for (int order = 0; order < 5; order++) {
      Collections.shuffle(shares, random);
      var averages = new ArrayList<Slices.Average>();
      for (int slice = 0; slice < 3; slice++) {
        int s = slice;
        averages.add(Slices.average(s, shares.stream().map(parts -> parts.get(s)).toList()));
      }
      assertThat(averages.get(0).reports()).hasSize(workers + 1);
      assertThat(averages.get(1).reports()).isEmpty();
      Collections.shuffle(averages, random);
      var joined = slices.join(averages);
      if (first == null) {
        first = joined;
      }
      assertThat(joined).isEqualTo(first);
    }
    for (int i = 0; i < 1000; i++) {
      double sum = 0;
      for (int w = 0; w < workers; w++) {
        sum += images[w] * (double) values[w][i];
      }
      double mean = sum / Arrays.stream(images).sum();
      assertThat(first[i]).isEqualTo((float) mean, within(1e-6f));
    }
  }

  @Test
  @DisplayName("The average of one worker is what it sent, bit for bit")
  void alone() {
    float[] values = {1.1f, -0f, Float.MIN_VALUE, 3e38f, 1f / 3};
    var slices = new Slices(5, 1);
    var parts = slices.cut(report(0, 77), values);

    assertThat(slices.join(List.of(Slices.average(0, parts)))).isEqualTo(values);
  }

  @Test
  @DisplayName("There is a slice a worker, unless slices would be short")
  void count() {
    assertThat(Slices.of(100, 8).count()).isEqualTo(1);
    assertThat(Slices.of(4 << 20, 2).count()).isEqualTo(2);
    assertThat(Slices.of(4 << 20, 256).count()).isEqualTo(64);
  }

  @Test
  @DisplayName("Of 256 workers of MobileNetV2 no task sums more than 70 MB")
  void largest() {
    int values = 2 * 2_351_972; // weights and momenta
    long all = 256L * Float.BYTES * values;

    assertThat(all / Slices.of(values, 256).count()).isLessThan(70_000_000);
  }

  private static WorkerReport report(int worker, long images) {
    return new WorkerReport(worker, 1, images, 1, 1, 1, "here");
  }
}
