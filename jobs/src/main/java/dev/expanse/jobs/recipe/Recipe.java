package dev.expanse.jobs.recipe;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.WeightPenalty;
import dev.expanse.core.image.ImageTransform;
import dev.expanse.core.network.InitialWeights;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * How a network is trained.
 *
 * @param batch images that a worker takes a step on
 * @param length how many images are seen
 * @param ownSeed the recipe's own seed; null where it has none
 * @param initialWeights what the first weights' variance goes by
 * @param learningRate the highest learning rate
 * @param optimizer the rule by which a step changes the weights
 * @param schedule how the learning rate changes
 * @param regularization what keeps the network from learning by heart
 * @param augmentation what chance does to a training image
 * @param averaging how the workers' weights become one
 * @param evaluation how the network is evaluated, and when
 */
public record Recipe(
    int batch,
    Length length,
    Long ownSeed,
    InitialWeights.Fan initialWeights,
    double learningRate,
    Optimizer optimizer,
    Schedule schedule,
    Regularization regularization,
    Augmentation augmentation,
    Averaging averaging,
    Evaluation evaluation)
    implements Serializable {

  private static final String INITIAL_WEIGHTS = "initial-weights";
  private static final String FAN_IN = "fan-in";
  private static final String FAN_OUT = "fan-out";

  /** Keys by which another value makes another object of the one they are in. */
  private static final List<List<String>> CHOICES =
      List.of(
          List.of("optimizer", "name"),
          List.of("schedule", "name"),
          List.of("averaging.outer", "optimizer"));

  /**
   * Reads a recipe.
   *
   * @throws InvalidInputException if a key is unknown or missing, or its value out of range
   */
  public static Recipe read(Settings settings) {
    settings.onlyKeys(
        "batch",
        "epochs",
        "images",
        "seed",
        INITIAL_WEIGHTS,
        "learning-rate",
        "optimizer",
        "schedule",
        "weight-decay",
        "label-smoothing",
        "mixup",
        "gradient-clipping",
        "dropout",
        "augment",
        "averaging",
        "evaluation");
    return new Recipe(
        settings.integer("batch", 2, 65_536),
        Length.read(settings),
        settings.has("seed") ? (long) settings.integer("seed", 0, Integer.MAX_VALUE) : null,
        settings.choice(INITIAL_WEIGHTS, FAN_IN, Set.of(FAN_IN, FAN_OUT)).equals(FAN_IN)
            ? InitialWeights.Fan.IN
            : InitialWeights.Fan.OUT,
        settings.number("learning-rate", 1e-9, 100),
        Optimizer.read(settings.objectOrEmpty("optimizer")),
        Schedule.read(settings),
        Regularization.read(settings),
        Augmentation.read(settings.objectOrEmpty("augment")),
        Averaging.read(settings.objectOrEmpty("averaging")),
        Evaluation.read(settings.objectOrEmpty("evaluation")));
  }

  /**
   * Reads a recipe with changes. They replace its values one by one, but another length, optimizer
   * or schedule replaces the whole of the recipe's own.
   *
   * @throws InvalidInputException if a key is unknown or missing, or its value out of range
   */
  public static Recipe read(Settings recipe, Settings changes) {
    var kept = recipe;
    if (changes.has("epochs") || changes.has("images")) {
      kept = kept.without("epochs").without("images");
    }
    for (var choice : CHOICES) {
      if (changes.has(String.join(".", choice))) {
        kept = kept.without(choice.get(0));
      }
    }
    return read(changes.withDefaults(kept));
  }

  /** This recipe as HOCON on one line, which {@link #read(Settings)} reads to an equal one. */
  public String toHocon() {
    return entries().entrySet().stream()
        .map(entry -> entry.getKey() + " = " + entry.getValue())
        .collect(Collectors.joining(", "));
  }

  private Map<String, Object> entries() {
    var entries = new LinkedHashMap<String, Object>();
    entries.put("batch", batch);
    entries.putAll(length.entries());
    if (ownSeed != null) {
      entries.put("seed", ownSeed);
    }
    if (initialWeights == InitialWeights.Fan.OUT) { // what was stored before there was a choice
      entries.put(INITIAL_WEIGHTS, FAN_OUT); // is found by the text without it
    }
    entries.put("learning-rate", learningRate);
    put(entries, "optimizer", optimizer.entries());
    put(entries, "schedule", schedule.entries());
    entries.putAll(regularization.entries());
    put(entries, "augment", augmentation.entries());
    put(entries, "averaging", averaging.entries());
    put(entries, "evaluation", evaluation.entries());
    return entries;
  }

  private static void put(Map<String, Object> entries, String key, Map<String, Object> object) {
    object.forEach((name, value) -> entries.put(key + "." + name, value));
  }

  /**
   * The first key that differs between two recipes, with both values: {@code optimizer.momentum =
   * 0.9, not 0.8}; empty if they are equal.
   */
  public static Optional<String> difference(Recipe a, Recipe b) {
    var first = a.entries();
    var second = b.entries();
    var keys = new ArrayList<>(first.keySet());
    keys.addAll(new TreeSet<>(second.keySet()));
    return keys.stream()
        .filter(key -> !String.valueOf(first.get(key)).equals(String.valueOf(second.get(key))))
        .findFirst()
        .map(key -> key + " = " + shown(first.get(key)) + ", not " + shown(second.get(key)));
  }

  private static String shown(Object value) {
    return value == null ? "none" : value.toString();
  }

  /** The recipe's own seed, which gives way to one that is given beside it. */
  public OptionalLong seed() {
    return ownSeed == null ? OptionalLong.empty() : OptionalLong.of(ownSeed);
  }

  /** The dropout of a network in place of its own, if any. */
  public OptionalDouble dropout() {
    var rate = regularization.dropout();
    return rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate);
  }

  /** What keeps weights small. */
  public WeightPenalty weightDecay() {
    return optimizer.penalty(regularization.weightDecay());
  }

  /** What is done to a training image, of which {@code side x side} pixels are made. */
  public ImageTransform trainingTransform(int side) {
    return ImageTransform.training(
        side, augmentation.minScale(), augmentation.flip(), augmentation.jitter());
  }

  /** What of an image is evaluated, {@code side x side} pixels. */
  public ImageTransform evaluationTransform(int side) {
    return ImageTransform.evaluation(side, evaluation.cropFraction());
  }

  /**
   * The rule by which a step changes the weights, with the learning rate of each step.
   *
   * @param totalSteps steps of the whole run: {@link Length#steps}
   * @param stepsAnEpoch steps of an epoch
   * @throws InvalidInputException if they are more than Deeplearning4j can count
   */
  public IUpdater updater(long totalSteps, int stepsAnEpoch) {
    if (totalSteps > Integer.MAX_VALUE) {
      var entry = length.entries().entrySet().iterator().next();
      throw InvalidInputException.of(
          "recipe: %s = %s: makes %,d steps of a worker, expected at most %,d",
          entry.getKey(), entry.getValue(), totalSteps, Integer.MAX_VALUE);
    }
    return optimizer.updater(schedule.learningRate(learningRate, (int) totalSteps, stepsAnEpoch));
  }
}
