package dev.expanse.jobs.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.core.config.Settings;
import dev.expanse.core.latency.LatencyProtocol;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.LocalSpark;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.report.RankCorrelation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Times, so that it is for a quiet machine: {@code -Dexpanse.rankings=3} makes three rankings of
 * twenty networks and prints them.
 */
@EnabledIfSystemProperty(named = "expanse.rankings", matches = "[2-9]")
class LatencyRankingTest {
  private static final double LEAST_CORRELATION = 0.95;
  private static final int RANKINGS = Integer.getInteger("expanse.rankings", 2);

  @Test
  @DisplayName("Measured again in another order, twenty networks have nearly the same ranks")
  void ranks() {
    var networks = networks();
    assertThat(networks).hasSize(20);
    var first = measure(networks, 0);
    for (int again = 1; again < RANKINGS; again++) {
      var other = measure(networks, again);
      double correlation =
          RankCorrelation.spearman(List.copyOf(first.keySet()), first::get, other::get)
              .orElseThrow();
      System.out.printf("ranking 0 and %d: rank correlation %.4f%n", again, correlation);
      assertThat(correlation).isGreaterThanOrEqualTo(LEAST_CORRELATION);
    }
  }

  /** Expansion factors and widths as sweeps have them, so that many are close to each other. */
  private static List<NetworkSpec> networks() {
    var networks = new ArrayList<NetworkSpec>();
    for (var base : List.of("mobilenet-v2", "ecnn")) {
      for (int expansion : new int[] {3, 6, 9, 12}) {
        for (double width : new double[] {0.5, 1}) {
          networks.add(
              read(
                  "name = %s-t%d-w%s, base = %s, width = %s, expansion = %d"
                      .formatted(base, expansion, width, base, width, expansion)));
        }
      }
    }
    for (var size : List.of("0.5", "1.0", "1.5", "2.0")) {
      networks.add(read("name = shufflenet-v2-%s, base = shufflenet-v2-%s".formatted(size, size)));
    }
    return networks;
  }

  private static NetworkSpec read(String hocon) {
    return NetworkSpec.read(Settings.parse(hocon, "test")).withResolution(64);
  }

  private static Map<String, Double> measure(List<NetworkSpec> networks, int ranking) {
    var order = new ArrayList<>(networks);
    Collections.shuffle(order, new Random(ranking));
    var compute = Compute.choose(LocalSpark.context(), null, 1);
    var protocol = LatencyProtocol.read(Settings.parse("", "test"));
    var task = new LatencyTask(compute.engine().id(), 1, 1, protocol);
    var medians = new HashMap<String, Double>();
    for (var spec : order) {
      var measured = task.run(LocalSpark.context(), spec);
      double p50Ms = measured.queries().latency().p50Ms();
      medians.put(spec.name(), p50Ms);
      System.out.printf(
          "ranking %d, %s: p50 %.3f ms, noise %.1f%%, %s, without %d queries%n",
          ranking,
          spec.name(),
          p50Ms,
          100 * measured.queries().noise(),
          measured.queries().steady() ? "steady" : "not steady",
          measured.queries().disturbedQueries());
    }
    return medians;
  }
}
