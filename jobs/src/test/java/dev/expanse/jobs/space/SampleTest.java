package dev.expanse.jobs.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SampleTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 16, 17, 40, 1000, 4097})
  @DisplayName("A permutation has each number once")
  void permutation(long size) {
    var permutation = new Permutation(size, 3);

    assertThat(LongStream.range(0, size).map(permutation::at).sorted())
        .containsExactly(LongStream.range(0, size).boxed().toArray(Long[]::new));
    assertThatThrownBy(() -> permutation.at(size)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  @DisplayName("The largest permutation stays in its range, and what it begins with differs")
  void largest() {
    var permutation = new Permutation(SearchSpace.MOST, 1);

    assertThat(LongStream.range(0, 10_000).map(permutation::at).distinct().count())
        .isEqualTo(10_000);
    assertThat(LongStream.range(0, 10_000).map(permutation::at))
        .allMatch(number -> number >= 0 && number < SearchSpace.MOST);
  }

  @Test
  @DisplayName("Over many seeds each number comes first as often as any other")
  void uniform() {
    int size = 11;
    int seeds = 22_000;
    var counts = new int[size];
    for (int seed = 0; seed < seeds; seed++) {
      counts[(int) new Permutation(size, seed).at(0)]++;
    }
    double expected = (double) seeds / size;
    double chiSquare =
        IntStream.of(counts).mapToDouble(n -> (n - expected) * (n - expected) / expected).sum();

    assertThat(chiSquare).isLessThan(29.6); // one in a thousand with 10 degrees of freedom
  }

  @Test
  @DisplayName("The same seed draws the same sample in one part or in seven, another seed another")
  void parts() {
    var whole = drawn(1, 0, 1000);
    var parts = new long[1000];
    for (int part = 6; part >= 0; part--) { // each computed by a space read anew
      int from = part * 1000 / 7;
      int to = (part + 1) * 1000 / 7;
      System.arraycopy(drawn(1, from, to), 0, parts, from, to - from);
    }

    assertThat(parts).containsExactly(whole);
    assertThat(whole).doesNotHaveDuplicates();
    assertThat(drawn(2, 0, 1000)).isNotEqualTo(whole);
  }

  private static long[] drawn(long seed, long from, long to) {
    var sample =
        Spaces.read(
                """
                base = ecnn, stem = [8, 16, 24, 32], head = [512, 1024, 1280], dropout = [0, 0.2]
                expansion = [2, 3, 4, 5, 6, 7, 8, 9], resolution = [32, 64, 96, 128, 160]
                width = [0.25, 0.5, 0.75, 1, 1.25], squeeze-excite = [0, 4]
                search { strategy = random, samples = 1000, seed = %d }
                """
                    .formatted(seed))
            .sample();
    assertThat(sample.count()).isEqualTo(1000);
    return LongStream.range(from, to).map(sample::at).toArray();
  }

  @Test
  @DisplayName("More samples than configurations are all of them")
  void all() {
    var sample = Spaces.read(Spaces.SMALL).withSamples(1000).sample();

    assertThat(sample.count()).isEqualTo(40);
    assertThat(LongStream.range(0, 40).map(sample::at).sum()).isEqualTo(39 * 40 / 2);
  }
}
