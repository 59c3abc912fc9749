package dev.expanse.core.complexity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.expanse.core.complexity.Complexity.Totals;
import dev.expanse.core.network.InvertedResidual;
import dev.expanse.core.network.InvertedResidual.Row;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.core.network.Networks;
import java.util.HashSet;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CountedPartsTest {
  private final CountedParts parts = new CountedParts();

  @Test
  @DisplayName("Parts add up to the network, for every network that has a name, twice")
  void namedNetworks() {
    for (int time = 0; time < 2; time++) {
      assertThat(Networks.names())
          .isNotEmpty()
          .allSatisfy(name -> agree(Networks.named(name)))
          .allSatisfy(name -> agree(Networks.named(name).withClasses(7)));
    }
  }

  @Test
  @DisplayName("Networks that differ in one knob or one column share no part that differs")
  void everyKnob() {
    var rows =
        Stream.of(
            new Row(4, 16, 2, 2, 3),
            new Row(6, 16, 2, 2, 3),
            new Row(4, 24, 2, 2, 3),
            new Row(4, 16, 1, 2, 3),
            new Row(4, 16, 2, 1, 3),
            new Row(4, 16, 2, 2, 5));
    var seen = new HashSet<Totals>();
    rows.map(row -> InvertedResidual.of(new Row(1, 8, 1, 1, 3), row, new Row(2, 16, 1, 1, 3)))
        .forEach(family -> seen.add(agree(new NetworkSpec("rows", family, 32, 10))));
    assertThat(seen).hasSize(6);

    var table = InvertedResidual.of(new Row(2, 16, 2, 1, 3)).table();
    seen.clear();
    for (var family :
        new InvertedResidual[] {
          new InvertedResidual(table, 1, 16, 64, 0.2, 0),
          new InvertedResidual(table, 1.5, 16, 64, 0.2, 0),
          new InvertedResidual(table, 1, 24, 64, 0.2, 0),
          new InvertedResidual(table, 1, 16, 96, 0.2, 0),
          new InvertedResidual(table, 1, 16, 64, 0.2, 4),
        }) {
      seen.add(agree(new NetworkSpec("knobs", family, 32, 10)));
      seen.add(agree(new NetworkSpec("knobs", family, 48, 10)));
      seen.add(agree(new NetworkSpec("knobs", family, 32, 11)));
    }
    assertThat(seen).hasSize(15);
    agree(new NetworkSpec("dropout", new InvertedResidual(table, 1, 16, 64, 0, 0), 32, 10));
  }

  @Test
  @DisplayName("The peak is the whole network's, whether stem, a stage or what follows has it")
  void peakAnywhere() {
    var random = new SplittableRandom(3);
    for (int i = 0; i < 500; i++) {
      var family =
          new InvertedResidual(
              Stream.generate(() -> row(random)).limit(1 + random.nextInt(4)).toList(),
              random.nextBoolean() ? 0.5 : 1,
              random.nextBoolean() ? 8 : 256,
              random.nextBoolean() ? 8 : 4096,
              random.nextBoolean() ? 0 : 0.2,
              random.nextBoolean() ? 0 : 4);
      agree(new NetworkSpec("drawn", family, 32, 10));
    }
  }

  private static Row row(SplittableRandom random) {
    return new Row(
        random.nextInt(1, 9),
        random.nextInt(1, 40),
        random.nextInt(1, 4),
        random.nextInt(1, 3),
        1 + 2 * random.nextInt(3));
  }

  @Test
  @DisplayName("What cannot be built is refused each time with the builder's sentence")
  void refused() {
    var first = new Row(1, 16, 1, 1, 3);
    for (int time = 0; time < 2; time++) {
      refused(InvertedResidual.of(first, new Row(6, 24, 2, 2, 4)), "a kernel of side 4");
      refused(InvertedResidual.of(first, new Row(0.01, 24, 2, 2, 3)), "to 0 channels");
    }
  }

  private void refused(InvertedResidual family, String reason) {
    var spec = new NetworkSpec("refused", family, 8, 10);
    var sentence = catchThrowable(spec::network).getMessage();
    assertThat(sentence).contains(reason);
    assertThatThrownBy(() -> parts.totals(spec))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(sentence);
  }

  private Totals agree(NetworkSpec spec) {
    var totals = parts.totals(spec);
    assertThat(totals).as(spec.toHocon()).isEqualTo(Totals.of(spec.network()));
    return totals;
  }
}
