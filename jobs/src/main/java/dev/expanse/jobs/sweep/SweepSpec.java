package dev.expanse.jobs.sweep;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.ConfigurationFiles;
import dev.expanse.jobs.recipe.Averaging.Master;
import dev.expanse.jobs.recipe.Recipe;
import dev.expanse.jobs.space.SearchSpace;
import dev.expanse.jobs.space.Shortlist;
import dev.expanse.jobs.training.AveragedTraining;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a sweep measures.
 *
 * @param dataset the dataset's location
 * @param recipeName the recipe's name or file, for people
 * @param recipe how each network is trained
 * @param seeds of trainings, each of which makes a configuration of every network; without one of
 *     the sweep's own, the recipe's, or else 1
 * @param train where a configuration is trained
 * @param workers workers whose weights are averaged; 0 for as many as Spark runs tasks at once
 * @param engine what computes; null for the usual one
 * @param threads threads of a task; null for the cores that Spark gives it
 * @param networks the configurations; the number of classes is the dataset's to say
 * @param latency how latency is measured
 * @param halving which configurations are trained to the end; empty for all of them
 */
public record SweepSpec(
    String dataset,
    String recipeName,
    Recipe recipe,
    List<Long> seeds,
    Train train,
    int workers,
    String engine,
    Integer threads,
    List<NetworkSpec> networks,
    LatencySpec latency,
    Optional<HalvingSpec> halving) {

  /** Where a configuration is trained. */
  public enum Train {
    /** In one task, beside other configurations. */
    TASKS,
    /** On all workers, by averaging their weights; one configuration after another. */
    AVERAGED;

    String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Keys of which a configuration may list several values, with the letter that names show. */
  private static final Map<String, String> GRID = grid();

  private static Map<String, String> grid() {
    var grid = new LinkedHashMap<String, String>();
    grid.put("expansion", "t");
    grid.put("width", "w");
    grid.put("resolution", "r");
    return grid;
  }

  /**
   * Reads a sweep, as {@code conf/sweeps/sample.conf} shows it. Beside or instead of {@code
   * configurations} it may have a {@code space}, a {@link SearchSpace} or its name or file: the
   * valid ones of its grid follow, or as many valid ones as its random search has samples. Their
   * constraints are checked with the classes that the space states.
   *
   * @throws InvalidInputException if a key is unknown, a value out of range, or a configuration
   *     makes no network
   */
  public static SweepSpec read(Settings settings) {
    settings.onlyKeys(
        "dataset",
        "recipe",
        "recipe-changes",
        "seed",
        "seeds",
        "train",
        "workers",
        "engine",
        "threads",
        "resolution",
        "width",
        "configurations",
        "space",
        "latency",
        "halving");
    var recipeName = settings.text("recipe");
    var changes = settings.objectOrEmpty("recipe-changes");
    var recipe = Recipe.read(ConfigurationFiles.read("recipes", recipeName), changes);
    var networks = new ArrayList<NetworkSpec>();
    for (var entry : settings.items("configurations")) {
      if (!(entry instanceof ConfigObject object)) {
        throw settings.wrong("configurations", entry, "a list of objects { base = ... }");
      }
      networks.addAll(combinations(withCommon(object, settings), settings));
    }
    if (settings.has("space")) {
      networks.addAll(Shortlist.of(space(settings)).networks());
    }
    if (networks.isEmpty()) {
      throw settings.wrong("configurations", "[]", "at least one { base = ... }, or a space");
    }
    return new SweepSpec(
        settings.text("dataset"),
        recipeName,
        recipe,
        seeds(settings, recipe),
        train(settings, recipe),
        settings.integer("workers", 1, AveragedTraining.MOST_WORKERS, 0),
        settings.has("engine") ? settings.choice("engine", null, Compute.engines()) : null,
        settings.has("threads") ? settings.integer("threads", 1, Compute.MOST_THREADS) : null,
        List.copyOf(networks),
        LatencySpec.read(settings.objectOrEmpty("latency")),
        halving(settings, recipe));
  }

  private static List<Long> seeds(Settings settings, Recipe recipe) {
    if (settings.has("seed") && settings.has("seeds")) {
      throw settings.wrong(
          "seeds", settings.value("seeds"), "either seed or seeds, not both of them");
    }
    var seeds = settings.integers("seeds", 0, Integer.MAX_VALUE);
    if (settings.has("seeds") && seeds.isEmpty()) {
      throw settings.wrong("seeds", settings.value("seeds"), "at least one whole number");
    }
    if (!seeds.isEmpty()) {
      return seeds.stream().distinct().map(Integer::longValue).toList();
    }
    return List.of(
        settings.has("seed")
            ? settings.integer("seed", 0, Integer.MAX_VALUE)
            : recipe.seed().orElse(1));
  }

  /** Who says how many workers there are wants their weights averaged. */
  private static Train train(Settings settings, Recipe recipe) {
    var usual = settings.has("workers") ? Train.AVERAGED : Train.TASKS;
    var names = Arrays.stream(Train.values()).map(Train::id).collect(Collectors.toSet());
    var train = Train.valueOf(settings.choice("train", usual.id(), names).toUpperCase(Locale.ROOT));
    if (train == Train.TASKS && settings.has("workers")) {
      throw settings.wrong(
          "workers", settings.value("workers"), "none where train = tasks, or train = averaged");
    }
    if (train == Train.TASKS && recipe.averaging().master() == Master.DL4J) {
      throw settings.wrong(
          "train", train.id(), "averaged for a recipe with averaging.master = dl4j");
    }
    return train;
  }

  private static Optional<HalvingSpec> halving(Settings settings, Recipe recipe) {
    if (!settings.has("halving")) {
      return Optional.empty();
    }
    if (train(settings, recipe) != Train.TASKS) {
      throw settings.wrong("halving", settings.value("halving"), "none, or train = tasks");
    }
    return Optional.of(HalvingSpec.read(settings.object("halving"), recipe.length()));
  }

  /** The space's file, or the space itself. */
  private static SearchSpace space(Settings settings) {
    return SearchSpace.read(
        settings.value("space").valueType() == ConfigValueType.OBJECT
            ? settings.object("space")
            : ConfigurationFiles.read("spaces", settings.text("space")));
  }

  private static ConfigObject withCommon(ConfigObject entry, Settings settings) {
    var object = entry;
    for (var key : List.of("resolution", "width")) {
      if (settings.has(key) && !entry.containsKey(key)) {
        object = object.withValue(key, settings.value(key));
      }
    }
    return object;
  }

  /** Every combination of the values that a configuration lists. */
  private static List<NetworkSpec> combinations(ConfigObject entry, Settings settings) {
    var combinations = List.of(entry);
    var listed = new ArrayList<String>();
    for (var key : GRID.keySet()) {
      if (entry.get(key) instanceof ConfigList values) {
        if (values.isEmpty()) {
          throw settings.wrong(key, values, "at least one value");
        }
        listed.add(key);
        combinations =
            combinations.stream()
                .flatMap(object -> values.stream().map(value -> object.withValue(key, value)))
                .toList();
      }
    }
    return combinations.stream().map(object -> network(object, listed, settings)).toList();
  }

  private static NetworkSpec network(ConfigObject object, List<String> listed, Settings settings) {
    var spec = NetworkSpec.read(Settings.of(object.toConfig(), settings.source()));
    var suffix =
        listed.stream()
            .map(key -> "-" + GRID.get(key) + shown(object.get(key)))
            .collect(Collectors.joining());
    return spec.withName(spec.name() + suffix);
  }

  private static String shown(ConfigValue value) {
    return value instanceof ConfigList list
        ? list.stream().map(SweepSpec::shown).collect(Collectors.joining("_"))
        : String.valueOf(value.unwrapped());
  }
}
