package dev.expanse.jobs.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.config.Settings;
import dev.expanse.core.latency.LatencyProtocol;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.compute.Compute;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Times, so that it is for a quiet machine: {@code -Dexpanse.rankings=3} makes three rankings. */
@EnabledIfSystemProperty(named = "expanse.rankings", matches = "\\d+")
class LatencyRankingTest {
  /** Networks that are further apart than this are told apart. */
  private static final double APART = 1.1;

  private static final int RANKINGS = Integer.getInteger("expanse.rankings", 2);

  @Test
  @DisplayName("Measured again in another order, networks have the same ranks")
  void ranks() {
    var first = measure(new Random(0));
    for (int again = 1; again < RANKINGS; again++) {
      var other = measure(new Random(again));
      for (var a : first.keySet()) {
        for (var b : first.keySet()) {
          if (first.get(a) > APART * first.get(b)) {
            assertThat(other.get(a)).as("%s, slower than %s", a, b).isGreaterThan(other.get(b));
          }
        }
      }
    }
  }

  private static Map<String, Double> measure(Random order) {
    var names = new ArrayList<>(List.of("mobilenet-v2", "ecnn", "shufflenet-v2-1.0"));
    var specs = new ArrayList<NetworkSpec>();
    for (var name : names) {
      for (double width : new double[] {0.5, 1}) {
        specs.add(
            NetworkSpec.read(
                Settings.parse(
                    "name = %s-w%s, base = %s, width = %s, resolution = 64"
                        .formatted(name, width, name, width),
                    "test")));
      }
    }
    Collections.shuffle(specs, order);
    var compute = Compute.choose(LocalSpark.context(), null, 1);
    var protocol = LatencyProtocol.read(Settings.parse("", "test"));
    var task = new LatencyTask(compute.engine().id(), 1, 1, protocol);
    var medians = new HashMap<String, Double>();
    for (var spec : specs) {
      var measured = task.run(LocalSpark.context(), spec);
      medians.put(spec.name(), measured.queries().latency().p50Ms());
      System.out.printf(
          "%s: p50 %.3f ms, noise %.1f%%, %s%n",
          spec.name(),
          measured.queries().latency().p50Ms(),
          100 * measured.noise(),
          measured.queries().steady() ? "steady" : "not steady");
    }
    return medians;
  }
}
