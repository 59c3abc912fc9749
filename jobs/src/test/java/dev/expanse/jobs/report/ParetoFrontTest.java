package dev.expanse.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ParetoFrontTest {
  private record Point(double cost, double value) {}

  @Test
  @DisplayName("What costs more without being better, or is worse without costing less, is not on")
  void byHand() {
    var front =
        front(
            new Point(4, 9),
            new Point(2, 5), // as dear as the next, and worse
            new Point(2, 7),
            new Point(1, 3),
            new Point(3, 7), // as good as one that is cheaper
            new Point(5, 8));

    assertThat(front).containsExactly(new Point(1, 3), new Point(2, 7), new Point(4, 9));
  }

  @Test
  @DisplayName("Equals are both on the front, and what has no number is not")
  void equals() {
    assertThat(front(new Point(1, 2), new Point(1, 2), new Point(Double.NaN, 9)))
        .containsExactly(new Point(1, 2), new Point(1, 2));
    assertThat(front(new Point(1, Double.NaN))).isEmpty();
    assertThat(front()).isEmpty();
  }

  @Test
  @DisplayName("A front has exactly the points that no other dominates")
  void byDefinition() {
    var random = new Random(1);
    for (int trial = 0; trial < 200; trial++) {
      var points = new ArrayList<Point>();
      for (int i = 0; i < 30; i++) {
        points.add(new Point(random.nextInt(12), random.nextInt(12)));
      }

      var front = front(points.toArray(Point[]::new));

      assertThat(front)
          .containsExactlyInAnyOrderElementsOf(
              points.stream()
                  .filter(point -> points.stream().noneMatch(other -> dominates(other, point)))
                  .toList());
    }
  }

  private static boolean dominates(Point one, Point other) {
    return one.cost() <= other.cost()
        && one.value() >= other.value()
        && (one.cost() < other.cost() || one.value() > other.value());
  }

  private static List<Point> front(Point... points) {
    return ParetoFront.of(List.of(points), Point::cost, Point::value).members();
  }
}
