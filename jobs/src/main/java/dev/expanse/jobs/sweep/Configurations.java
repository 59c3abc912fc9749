package dev.expanse.jobs.sweep;

import dev.expanse.core.config.Sha256;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.Dataset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;

/**
 * The configurations of a sweep: each of its networks with each seed, and the keys of their rows.
 */
final class Configurations {
  private final SweepSpec spec;
  private final Dataset dataset;
  private final int workers;
  private final Compute compute;
  private final LatencyTask timed;

  /**
   * Those of a sweep.
   *
   * @param timed the measurement of latency that constraints are about
   */
  Configurations(SweepSpec spec, Dataset dataset, int workers, Compute compute, LatencyTask timed) {
    this.spec = spec;
    this.dataset = dataset;
    this.workers = workers;
    this.compute = compute;
    this.timed = timed;
  }

  /** Those that are known before anything is measured. */
  List<Configuration> known() {
    var byTraining = new LinkedHashMap<String, Configuration>();
    add(spec.listed(), false, byTraining);
    spec.space().ifPresent(space -> add(space.networks(), true, byTraining));
    return spec.halving()
        .map(halving -> inRace(halving, byTraining))
        .orElseGet(() -> List.copyOf(byTraining.values()));
  }

  /** Those of networks of the sweep's space. */
  List<Configuration> ofSpace(List<NetworkSpec> networks) {
    var byTraining = new LinkedHashMap<String, Configuration>();
    add(networks, true, byTraining);
    return List.copyOf(byTraining.values());
  }

  private void add(
      List<NetworkSpec> networks, boolean bounded, Map<String, Configuration> byTraining) {
    for (var network : networks) {
      var known = network.withClasses(dataset.classes().size());
      var id = hash(known.hash());
      for (long seed : spec.seeds()) {
        var training = hash(known.hash(), "seed = " + seed);
        byTraining.putIfAbsent(
            training, new Configuration(id, training, training, known, seed, bounded));
      }
    }
  }

  /** Who goes on depends on who else is there. */
  private List<Configuration> inRace(HalvingSpec halving, Map<String, Configuration> byTraining) {
    var competitors = halving + "\n" + String.join("\n", new TreeSet<>(byTraining.keySet()));
    var race = latencyLimit().isPresent() ? competitors + "\n" + limit() : competitors;
    return byTraining.values().stream()
        .map(one -> one.withKey(hash(one.training(), race)))
        .toList();
  }

  private String hash(String... subject) {
    return Sha256.of(
            String.join(
                "\n",
                String.join("\n", subject),
                spec.recipe().toHocon(),
                dataset.fingerprint(),
                "workers = " + workers,
                "threads = " + compute.threads(), // which share a batch, and round otherwise
                compute.engine().id()))
        .substring(0, 16);
  }

  private OptionalDouble latencyLimit() {
    return spec.space()
        .map(space -> space.space().constraints().latencyP50Ms())
        .orElse(OptionalDouble.empty());
  }

  /** What a configuration's latency is compared with. */
  private String limit() {
    return "latency-p50-ms = " + latencyLimit().getAsDouble() + "\n" + timed.toHocon();
  }

  /**
   * A configuration under the key of the row that says that it is too slow: another one than that
   * of its training, which a sweep of other constraints may want. Empty if no latency is too slow.
   */
  Optional<Configuration> tooSlow(Configuration one) {
    return one.bounded() && latencyLimit().isPresent()
        ? Optional.of(one.withKey(Sha256.of(one.training() + "\n" + limit()).substring(0, 16)))
        : Optional.empty();
  }

  /**
   * Why a configuration's row says that it is too slow; empty if it is not.
   *
   * @param p50Ms the median latency of its network in milliseconds
   */
  Optional<String> excess(Configuration one, double p50Ms) {
    return one.bounded()
        ? spec.space()
            .flatMap(space -> space.space().constraints().exceededBy(p50Ms))
            .map(
                key ->
                    String.format(
                        Locale.ROOT,
                        "%s is %.3f, at most %s",
                        key,
                        p50Ms,
                        latencyLimit().getAsDouble()))
        : Optional.empty();
  }
}
