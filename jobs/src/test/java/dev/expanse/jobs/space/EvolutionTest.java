package dev.expanse.jobs.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.expanse.core.complexity.Complexity;
import dev.expanse.core.network.InvertedResidual;
import dev.expanse.core.network.NetworkSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EvolutionTest {
  /** 30 x 30 x 2 options and 3 x 2 values: 10,800 configurations, a third of them with kernel 4. */
  private static final String SPACE =
      """
      name = small, family = inverted-residual, stem = 8, head = 16, classes = 4
      table = [[4, 8, 1, 2, 3], [6, 16, 2, 2, 3], [6, 16, 1, 1, 3]]
      stages = [
        { expansion = [2, 3, 4, 5, 6], channels = [8, 16], kernel = [3, 4, 5] }
        { expansion = [2, 3, 4, 5, 6], channels = [16, 24], kernel = [3, 5, 7] }
        { repeats = [0, 1] }
      ]
      width = [0.5, 1, 2], resolution = [16, 32]
      constraints { macs = 200000 }
      """;

  private final SearchSpace space = Spaces.read(SPACE);

  private static List<OptionalDouble> scores(Evolution.Generation generation) {
    return generation.candidates().stream().map(one -> score(one.spec(), one.totals())).toList();
  }

  /** Expansion pays, and costs: the best is at the edge of what the constraint allows. */
  private static OptionalDouble score(NetworkSpec spec, Complexity.Totals totals) {
    var table = ((InvertedResidual) spec.family()).table();
    double expansion = table.stream().mapToDouble(InvertedResidual.Row::expansion).sum();
    return OptionalDouble.of(expansion * spec.resolution() - totals.parameters() / 1e3);
  }

  @Test
  @DisplayName("Evolution finds the optimum that brute force finds, on a small part of the space")
  void findsOptimum() {
    double best =
        LongStream.range(0, space.size())
            .mapToObj(space::assess)
            .filter(Assessment::isOk)
            .mapToDouble(ok -> score(space.spec(ok.index()), ok.totals()).getAsDouble())
            .max()
            .orElseThrow();

    var outcome = Evolution.run(space, new Search.Evolve(20, 30, 0.2, 1), EvolutionTest::scores);

    assertThat(space.size()).isEqualTo(10_800);
    assertThat(outcome.best().get(0).score()).isEqualTo(best);
    assertThat(outcome.evaluated()).hasSize(31 * 20).doesNotHaveDuplicates();
    assertThat(outcome.summary().count(Assessment.Status.OK)).isEqualTo(31 * 20);
    assertThat(outcome.summary().count()).isLessThan(space.size() / 4);
  }

  @Test
  @DisplayName("The same seed takes the same way, another seed another")
  void repeats() {
    var search = new Search.Evolve(10, 5, 0.2, 1);
    var once = Evolution.run(space, search, EvolutionTest::scores);

    assertThat(Evolution.run(space, search, EvolutionTest::scores)).isEqualTo(once);
    assertThat(Evolution.run(space, new Search.Evolve(10, 5, 0.2, 2), EvolutionTest::scores))
        .isNotEqualTo(once);
  }

  @Test
  @DisplayName("With more generations a search goes on from where it was, and the best never falls")
  void goesOn() {
    var before = Evolution.run(space, new Search.Evolve(6, 1, 0.2, 1), EvolutionTest::scores);
    for (int generations = 2; generations <= 8; generations++) {
      var search = new Search.Evolve(6, generations, 0.2, 1);
      var outcome = Evolution.run(space, search, EvolutionTest::scores);

      assertThat(outcome.evaluated())
          .hasSize(6 * (1 + generations))
          .startsWith(before.evaluated().toArray(Evolution.Scored[]::new));
      for (int place = 0; place < 6; place++) {
        assertThat(outcome.best().get(place).score())
            .isGreaterThanOrEqualTo(before.best().get(place).score());
      }
      assertThat(outcome.best().get(0).score())
          .isEqualTo(
              outcome.evaluated().stream()
                  .mapToDouble(Evolution.Scored::score)
                  .max()
                  .orElseThrow());
      before = outcome;
    }
  }

  @Test
  @DisplayName("What does not build or exceeds a constraint is never evaluated, nothing twice")
  void onlyValid() {
    var evaluated = new ArrayList<String>();
    var generations = new ArrayList<Evolution.Generation>();

    var outcome =
        Evolution.run(
            space,
            new Search.Evolve(20, 20, 0.5, 3),
            generation -> {
              generations.add(generation);
              for (var candidate : generation.candidates()) {
                evaluated.add(candidate.spec().name());
                assertThat(candidate.spec().network().classes()).isEqualTo(4);
                assertThat(candidate.totals().macs()).isLessThanOrEqualTo(200_000);
              }
              return scores(generation);
            });

    assertThat(evaluated).hasSize(21 * 20).doesNotHaveDuplicates();
    assertThat(outcome.summary().toString()).contains("exceed macs").contains("kernel of side 4");
    assertThat(generations)
        .extracting(Evolution.Generation::number)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 21).boxed().toList());
    assertThat(generations).allMatch(generation -> generation.candidates().size() == 20);
    assertThat(generations.stream().mapToLong(one -> one.lookedAt().count()).sum())
        .isEqualTo(outcome.summary().count());
  }

  @Test
  @DisplayName("What exceeds a constraint that is measured has no place in a population")
  void measuredConstraints() {
    var outcome =
        Evolution.run(
            space,
            new Search.Evolve(10, 10, 0.2, 1),
            generation ->
                generation.candidates().stream()
                    .map(
                        one ->
                            one.spec().resolution() == 32
                                ? OptionalDouble.empty()
                                : score(one.spec(), one.totals()))
                    .toList());

    assertThat(outcome.best())
        .hasSize(10)
        .allMatch(scored -> space.spec(scored.index()).resolution() == 16);
  }

  @Test
  @DisplayName("A space that is used up ends a search, and a score that is no number is refused")
  void ends() {
    var tiny = Spaces.read(Spaces.SMALL);

    var outcome = Evolution.run(tiny, new Search.Evolve(30, 5, 0.2, 1), EvolutionTest::scores);
    assertThat(outcome.evaluated()).hasSize(20);
    assertThat(outcome.summary().count()).isEqualTo(40);

    assertThatThrownBy(
            () ->
                Evolution.run(
                    tiny,
                    new Search.Evolve(2, 1, 0, 1),
                    generation -> Collections.nCopies(2, OptionalDouble.of(Double.NaN))))
        .hasMessageContaining("Cannot rank small-0000");
    assertThatThrownBy(() -> Evolution.run(tiny, new Search.Evolve(2, 1, 0, 1), none -> List.of()))
        .hasMessage("Cannot rank 2 candidates by 0 scores");
  }
}
