package dev.expanse.jobs.training;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.recipe.Recipe;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What makes a training take the steps that it takes: one with the same identity takes the same.
 *
 * @param network what is trained
 * @param recipe how
 * @param datasetFingerprint on what
 * @param seed of the first weights, the order of the images and their augmentation
 * @param workers whose weights are averaged
 * @param engine whose code computes
 * @param threads of each worker, which share a minibatch, and round otherwise than others
 */
public record Identity(
    NetworkSpec network,
    Recipe recipe,
    String datasetFingerprint,
    long seed,
    int workers,
    String engine,
    int threads) {

  /** Reads what {@link #toHocon} wrote. */
  static Identity read(Settings settings) {
    return new Identity(
        NetworkSpec.read(settings.object("network")),
        Recipe.read(settings.object("recipe")),
        settings.text("dataset-fingerprint"),
        Long.parseLong(settings.text("seed")),
        settings.integer("workers", 1, AveragedTraining.MOST_WORKERS),
        settings.text("engine"),
        settings.integer("threads", 1, Compute.MOST_THREADS));
  }

  /** As HOCON, which {@link #read} reads back. */
  String toHocon() {
    return String.join(
        "\n",
        "network { " + network.toHocon() + " }",
        "recipe { " + recipe.toHocon() + " }",
        "dataset-fingerprint = \"" + datasetFingerprint + "\"",
        "seed = " + seed,
        "workers = " + workers,
        "engine = " + engine,
        "threads = " + threads);
  }

  /** What tells this training from another, first of all, as {@code key = this, not other}. */
  public Optional<String> difference(Identity other) {
    if (!network.equals(other.network)) {
      return Optional.of(
          network.name().equals(other.network.name())
              ? "network: " + difference(network, other.network)
              : differ("network", network.name(), other.network.name()));
    }
    var recipes = Recipe.difference(recipe, other.recipe);
    if (recipes.isPresent()) {
      return recipes.map(difference -> "recipe: " + difference);
    }
    var mine = values();
    var others = other.values();
    return mine.keySet().stream()
        .filter(key -> !mine.get(key).equals(others.get(key)))
        .findFirst()
        .map(key -> differ(key, mine.get(key), others.get(key)));
  }

  /** The first key with another value, of two networks that are not the same. */
  private static String difference(NetworkSpec a, NetworkSpec b) {
    var first = ConfigFactory.parseString(a.toHocon()).root();
    var second = ConfigFactory.parseString(b.toHocon()).root();
    var keys = new TreeSet<>(first.keySet());
    keys.addAll(second.keySet());
    return keys.stream()
        .filter(key -> !Objects.equals(first.get(key), second.get(key)))
        .findFirst()
        .map(key -> differ(key, shown(first.get(key)), shown(second.get(key))))
        .orElseThrow();
  }

  private static String shown(ConfigValue value) {
    return value == null ? "none" : value.render(ConfigRenderOptions.concise());
  }

  private static String differ(String key, Object mine, Object other) {
    return key + " = " + mine + ", not " + other;
  }

  private Map<String, Object> values() {
    var values = new LinkedHashMap<String, Object>();
    values.put("dataset fingerprint", datasetFingerprint);
    values.put("seed", seed);
    values.put("workers", workers);
    values.put("engine", engine);
    values.put("threads", threads);
    return values;
  }

  /** As columns of {@link TrainingTable}. */
  public Map<String, Object> columns() {
    return Map.of(
        "network", network.name(),
        "network_hash", network.hash(),
        "recipe_hocon", recipe.toHocon(),
        "dataset_fingerprint", datasetFingerprint,
        "seed", seed,
        "workers", workers,
        "engine", engine,
        "threads", threads);
  }
}
