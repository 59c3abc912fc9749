package dev.expanse.jobs.input;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.jobs.data.RowGroup;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EpochPlanTest {
  private static final int BATCH = 8;
  private static final long WINDOW = 5_000;

  /** Row groups of 1 to 40 images of 100 bytes each. */
  private static List<RowGroup> groups(int images) {
    var random = new SplittableRandom(3);
    var groups = new ArrayList<RowGroup>();
    int first = 0;
    while (first < images) {
      int rows = Math.min(images - first, random.nextInt(1, 41));
      groups.add(new RowGroup("shard", groups.size(), first, rows, 100L * rows));
      first += rows;
    }
    return groups;
  }

  private static EpochPlan plan(int images, int workers, long seed) {
    return new EpochPlan(groups(images), workers, BATCH, WINDOW, seed);
  }

  /** The images of a worker's epoch, by their places in the split, in the order it sees them. */
  private static List<Long> seen(EpochPlan plan, int epoch, int worker) {
    var seen = new ArrayList<Long>();
    for (var window : plan.windows(epoch, worker)) {
      assertThat(window.first()).isEqualTo(seen.size());
      var images = new ArrayList<Long>();
      for (var slice : window.slices()) {
        for (int row = slice.from(); row < slice.to(); row++) {
          images.add(slice.group().first() + row);
        }
      }
      for (int place : window.order()) {
        seen.add(images.get(place));
      }
    }
    return seen;
  }

  @ParameterizedTest(name = "{0} images, {1} worker(s): {2} of them in {3} steps")
  @CsvSource({
    "1000, 1, 1000, 125",
    "1000, 3, 1000, 42",
    "1001, 7, 1001, 18",
    "999, 16, 999, 8",
    "65, 2, 64, 4",
    "71, 2, 64, 4",
    "72, 2, 72, 5",
    "64, 8, 64, 1",
    "17, 2, 16, 1",
    "5, 1, 5, 1",
    "3, 2, 3, 1",
    "3, 5, 3, 1"
  })
  @DisplayName(
      "In each epoch no image is seen twice, in equally many full minibatches and perhaps a smaller"
          + " one, of at least half the size")
  void onceAnEpoch(int images, int workers, int used, int steps) {
    var plan = plan(images, workers, 5);
    assertThat(plan.images()).isEqualTo(used);
    assertThat(plan.steps()).isEqualTo(steps);
    for (int epoch = 1; epoch <= 3; epoch++) {
      var seen = new ArrayList<Long>();
      for (int worker = 0; worker < workers; worker++) {
        var own = seen(plan, epoch, worker);
        assertThat(own).hasSize((int) plan.images(worker));
        seen.addAll(own);
        assertThat(plan.images(worker)).isBetween((long) used / workers, used / workers + 1L);
        for (int step = 0; step < steps - 1; step++) {
          assertThat(plan.before(worker, step + 1) - plan.before(worker, step)).isEqualTo(BATCH);
        }
        assertThat(plan.before(worker, steps)).isEqualTo(plan.images(worker));
        long last = plan.images(worker) - plan.before(worker, steps - 1);
        assertThat(last).isBetween(steps == 1 ? used / workers : BATCH / 2L, (long) BATCH);
      }
      assertThat(seen).hasSize(used).doesNotHaveDuplicates();
      assertThat(plan.before(steps)).isEqualTo(used);
    }
  }

  @Test
  @DisplayName("Images that are left out in one epoch come in others")
  void leftOut() {
    var plan = plan(71, 2, 5); // 7 of them are left out
    var seen = new HashSet<Long>();
    for (int epoch = 1; epoch <= 20; epoch++) {
      seen.addAll(seen(plan, epoch, 0));
      seen.addAll(seen(plan, epoch, 1));
    }
    assertThat(seen).hasSize(71);
  }

  @Test
  @DisplayName("The order depends on epoch and seed, and is the same again for the same ones")
  void dependence() {
    var first = seen(plan(1000, 2, 5), 1, 0);

    assertThat(seen(plan(1000, 2, 5), 1, 0)).isEqualTo(first);
    assertThat(seen(plan(1000, 2, 5), 2, 0)).isNotEqualTo(first);
    assertThat(seen(plan(1000, 2, 6), 1, 0)).isNotEqualTo(first);
    assertThat(seen(plan(1000, 2, 5), 1, 1)).doesNotContainAnyElementsOf(first);
  }

  @Test
  @DisplayName("A window has no more bytes than asked for, or than that and a row group")
  void windows() {
    var windows = plan(1000, 2, 5).windows(1, 0);

    assertThat(windows).hasSizeGreaterThan(5);
    for (var window : windows) {
      assertThat(window.images() * 100L).isLessThan(WINDOW + 4_000);
    }
  }

  @Test
  @DisplayName("Over epochs each image comes to each worker, early and late, as often as another")
  void fair() {
    var plan = plan(400, 2, 5);
    var first = new int[400];
    var early = new int[400];
    for (int epoch = 1; epoch <= 400; epoch++) {
      var seen = seen(plan, epoch, 0);
      seen.forEach(image -> first[image.intValue()]++);
      seen.subList(0, 100).forEach(image -> early[image.intValue()]++);
    }
    for (int image = 0; image < 400; image++) {
      assertThat(first[image]).isBetween(150, 250); // 200 expected, standard deviation 10
      assertThat(early[image]).isBetween(57, 143); // 100 expected, standard deviation 9
    }
  }

  @Test
  @DisplayName("No two images have the same seed in an epoch, nor one image in two epochs")
  void seeds() {
    var plan = plan(400, 2, 5);
    var seeds = new ArrayList<Long>();
    for (int epoch = 1; epoch <= 20; epoch++) {
      for (int image = 0; image < 400; image++) {
        seeds.add(plan.seed(epoch, image));
      }
    }
    assertThat(seeds).doesNotHaveDuplicates();
  }
}
