package dev.expanse.jobs.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.data.LabelledImage;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EpochOrderTest {
  private static final List<LabelledImage> IMAGES =
      IntStream.range(0, 1000)
          .mapToObj(i -> new LabelledImage(new byte[0], "train/a/" + i + ".jpg", 0))
          .toList();
  private static final long[] KEYS = IMAGES.stream().mapToLong(EpochOrder::key).toArray();

  @Test
  @DisplayName("Every place is taken once")
  void permutation() {
    assertThat(places(1, 1)).hasSize(1000).doesNotHaveDuplicates();
    assertThat(places(1, 1)).allMatch(place -> place >= 0 && place < 1000);
  }

  @Test
  @DisplayName("The order depends on seed and epoch, and not on the order of the keys")
  void dependence() {
    var reversed = new long[KEYS.length];
    for (int i = 0; i < KEYS.length; i++) {
      reversed[i] = KEYS[KEYS.length - 1 - i];
    }
    var order = new EpochOrder(reversed, 1, 1);

    assertThat(IMAGES.stream().map(order::place).toList()).isEqualTo(places(1, 1));
    assertThat(places(1, 2)).isNotEqualTo(places(1, 1));
    assertThat(places(2, 1)).isNotEqualTo(places(1, 1));
  }

  @Test
  @DisplayName("Each image is early in about half of the epochs")
  void fair() {
    long early = 0;
    for (int epoch = 0; epoch < 400; epoch++) {
      early += new EpochOrder(KEYS, 5, epoch).place(IMAGES.get(0)) < 500 ? 1 : 0;
    }
    assertThat(early).isBetween(160L, 240L); // 200 expected, standard deviation 10
  }

  @Test
  @DisplayName("Two images of one name, and an image that is not in the dataset, are refused")
  void refused() {
    var twice = new long[] {3, 5, 3};
    assertThatThrownBy(() -> new EpochOrder(twice, 1, 1)).isInstanceOf(InvalidInputException.class);
    var order = new EpochOrder(new long[] {3, 5}, 1, 1);
    assertThatIllegalArgumentException().isThrownBy(() -> order.place(IMAGES.get(0)));
  }

  private static List<Integer> places(long seed, int epoch) {
    var order = new EpochOrder(KEYS, seed, epoch);
    return IMAGES.stream().map(order::place).toList();
  }
}
