package dev.expanse.jobs.sweep;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.compute.Compute;
import dev.expanse.jobs.data.ConfigurationFiles;
import dev.expanse.jobs.recipe.Averaging.Master;
import dev.expanse.jobs.recipe.Recipe;
import dev.expanse.jobs.training.AveragedTraining;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
 * @param checkpointSeconds from one state of a training that is kept to the next
 * @param engine what computes; null for the usual one
 * @param threads threads of a task; null for the cores that Spark gives it
 * @param listed networks that are measured in any case
 * @param space in which others are searched for; empty for none
 * @param latency how latency is measured
 * @param halving which configurations are trained to the end; empty for all of them
 * @param baseline name of the listed network that the report compares the others with, if any
 */
public record SweepSpec(
    String dataset,
    String recipeName,
    Recipe recipe,
    List<Long> seeds,
    Train train,
    int workers,
    int checkpointSeconds,
    String engine,
    Integer threads,
    List<NetworkSpec> listed,
    Optional<SweptSpace> space,
    LatencySpec latency,
    Optional<HalvingSpec> halving,
    Optional<String> baseline) {

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

  private static final String[] KEYS = {
    "dataset",
    "recipe",
    "recipe-changes",
    "seed",
    "seeds",
    "train",
    "workers",
    "checkpoint-seconds",
    "engine",
    "threads",
    "resolution",
    "width",
    "output-stride",
    "configurations",
    "space",
    "latency",
    "halving",
    "baseline"
  };

  /**
   * Reads a sweep, as {@code conf/sweeps/sample.conf} shows it. Beside or instead of {@code
   * configurations} it may have a {@code space}, a {@link dev.expanse.jobs.space.SearchSpace} or
   * its name or file: the valid ones of its grid follow, or as many valid ones as its random search
   * has samples, or those that it comes to by evolution. Their constraints are checked with the
   * classes that the space states, and hold for them alone.
   *
   * @throws InvalidInputException if a key is unknown, a value out of range, or a configuration
   *     makes no network
   */
  public static SweepSpec read(Settings settings) {
    settings.onlyKeys(KEYS);
    var recipeName = settings.text("recipe");
    var changes = settings.objectOrEmpty("recipe-changes");
    var recipe = Recipe.read(ConfigurationFiles.read("recipes", recipeName), changes);
    var listed = ListedNetworks.read(settings);
    var space = SweptSpace.read(settings);
    if (listed.isEmpty() && space.isEmpty()) {
      throw settings.wrong("configurations", "[]", "at least one { base = ... }, or a space");
    }
    return new SweepSpec(
        settings.text("dataset"),
        recipeName,
        recipe,
        seeds(settings, recipe),
        train(settings, recipe),
        settings.integer("workers", 1, AveragedTraining.MOST_WORKERS, 0),
        settings.integer("checkpoint-seconds", 0, Integer.MAX_VALUE, 300),
        settings.has("engine") ? settings.choice("engine", null, Compute.engines()) : null,
        settings.has("threads") ? settings.integer("threads", 1, Compute.MOST_THREADS) : null,
        listed,
        space,
        LatencySpec.read(settings.objectOrEmpty("latency")),
        halving(settings, recipe, space),
        baseline(settings, listed));
  }

  /**
   * The configurations that are known before anything is measured: those that are listed, and those
   * of a space that does not evolve. The number of classes is the dataset's to say.
   */
  public List<NetworkSpec> networks() {
    return Stream.concat(listed.stream(), space.stream().flatMap(some -> some.networks().stream()))
        .toList();
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

  private static Optional<String> baseline(Settings settings, List<NetworkSpec> listed) {
    if (!settings.has("baseline")) {
      return Optional.empty();
    }
    var names = listed.stream().map(NetworkSpec::name).toList();
    if (names.isEmpty()) {
      throw settings.wrong(
          "baseline", settings.value("baseline"), "none, for want of configurations");
    }
    var name = settings.choice("baseline", null, Set.copyOf(names));
    if (Collections.frequency(names, name) > 1) {
      throw settings.wrong("baseline", name, "a name that one configuration has, not several");
    }
    return Optional.of(name);
  }

  private static Optional<HalvingSpec> halving(
      Settings settings, Recipe recipe, Optional<SweptSpace> space) {
    if (!settings.has("halving")) {
      return Optional.empty();
    }
    if (train(settings, recipe) != Train.TASKS) {
      throw settings.wrong("halving", settings.value("halving"), "none, or train = tasks");
    }
    if (space.flatMap(SweptSpace::evolution).isPresent()) {
      throw settings.wrong(
          "halving",
          settings.value("halving"),
          "none beside a space whose search.strategy is evolution, which compares trainings of the"
              + " same length");
    }
    return Optional.of(HalvingSpec.read(settings.object("halving"), recipe.length()));
  }
}
