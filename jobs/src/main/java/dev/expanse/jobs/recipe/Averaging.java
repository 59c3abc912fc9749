package dev.expanse.jobs.recipe;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import java.io.Serializable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How the workers' weights become one.
 *
 * @param master whose code averages
 * @param frequency steps that a worker takes between two averagings
 * @param warmUpSteps so many first steps of the run are averaged one by one, and by plain averaging
 * @param averageUpdater whether the updater's state is averaged as well; if not, each round begins
 *     with a new one
 * @param outer what is done with the average of a round
 * @param ema the share that a step keeps of the exponential moving average of the averaged weights;
 *     0 for no moving average
 * @param recomputeImages training images on which the statistics of batch norms are computed anew
 *     after the last round; 0 for none
 */
public record Averaging(
    Master master,
    int frequency,
    int warmUpSteps,
    boolean averageUpdater,
    Outer outer,
    double ema,
    long recomputeImages)
    implements Serializable {
  private static final String MASTER = "master";
  private static final String FREQUENCY = "frequency";
  private static final String WARM_UP = "warm-up-steps";
  private static final String UPDATER = "updater";
  private static final String OUTER = "outer";
  private static final String EMA = "ema";
  private static final String RECOMPUTE = "recompute-statistics";
  private static final String AVERAGE = "average";
  private static final String RESET = "reset";

  /** Whose code averages. */
  public enum Master {
    /** This project's. */
    EXPANSE,
    /** Deeplearning4j's {@code ParameterAveragingTrainingMaster}. */
    DL4J
  }

  /**
   * What is done with a round's average: the difference between the weights before the round and
   * the average after it is a gradient to an outer optimizer (Reddi et al., "Adaptive Federated
   * Optimization", 2021, algorithm 1).
   *
   * @param kind the optimizer
   * @param learningRate the outer learning rate; 1 for {@code AVERAGE}
   * @param momentum the share of the outer velocity that a round keeps; 0 for {@code AVERAGE}
   */
  public record Outer(Kind kind, double learningRate, double momentum) implements Serializable {
    /** The average is the new weights. */
    public static final Outer AVERAGE = new Outer(Kind.AVERAGE, 1, 0);

    /** An outer optimizer. */
    public enum Kind {
      /** The average is the new weights. */
      AVERAGE,
      /** Classical momentum. */
      MOMENTUM,
      /** Nesterov's momentum. */
      NESTEROV
    }

    private static Outer read(Settings settings) {
      var kind =
          Kind.valueOf(upper(settings.choice("optimizer", id(Kind.AVERAGE), ids(Kind.values()))));
      if (kind == Kind.AVERAGE) {
        settings.onlyKeys("optimizer");
        return AVERAGE;
      }
      settings.onlyKeys("optimizer", "learning-rate", "momentum");
      return new Outer(
          kind,
          settings.number("learning-rate", 1e-9, 100, 1),
          settings.number("momentum", 0, 0.9999, 0.5));
    }

    private Map<String, Object> entries() {
      var entries = new LinkedHashMap<String, Object>();
      entries.put("optimizer", id(kind));
      if (kind != Kind.AVERAGE) {
        entries.put("learning-rate", learningRate);
        entries.put("momentum", momentum);
      }
      return entries;
    }
  }

  /**
   * Reads the object {@code averaging}.
   *
   * @throws InvalidInputException if a key is unknown or missing, its value out of range, or more
   *     than Deeplearning4j's master can do
   */
  static Averaging read(Settings settings) {
    settings.onlyKeys(MASTER, FREQUENCY, WARM_UP, UPDATER, OUTER, EMA, RECOMPUTE);
    var master =
        Master.valueOf(upper(settings.choice(MASTER, id(Master.EXPANSE), ids(Master.values()))));
    var averaging =
        new Averaging(
            master,
            settings.integer(FREQUENCY, 1, 100_000),
            settings.integer(WARM_UP, 0, Integer.MAX_VALUE, 0),
            settings.choice(UPDATER, AVERAGE, Set.of(AVERAGE, RESET)).equals(AVERAGE),
            Outer.read(settings.objectOrEmpty(OUTER)),
            settings.number(EMA, 0, 0.999_999, 0),
            settings.integer(RECOMPUTE, 0, Integer.MAX_VALUE, 0));
    if (master == Master.DL4J) {
      averaging.requireStock(settings);
    }
    return averaging;
  }

  private void requireStock(Settings settings) {
    if (outer.kind() != Outer.Kind.AVERAGE) {
      throw moreThanStock(settings.object(OUTER), "optimizer", AVERAGE);
    }
    if (warmUpSteps > 0) {
      throw moreThanStock(settings, WARM_UP, "0");
    }
    if (!averageUpdater) {
      throw moreThanStock(settings, UPDATER, AVERAGE);
    }
    if (ema > 0) {
      throw moreThanStock(settings, EMA, "0");
    }
    if (recomputeImages > 0) {
      throw moreThanStock(settings, RECOMPUTE, "0");
    }
  }

  private static InvalidInputException moreThanStock(
      Settings settings, String key, String expected) {
    return settings.wrong(
        key, settings.value(key), expected + " where averaging.master is dl4j, which has no other");
  }

  /** Its keys and values below {@code averaging}. */
  Map<String, Object> entries() {
    var entries = new LinkedHashMap<String, Object>();
    entries.put(MASTER, id(master));
    entries.put(FREQUENCY, frequency);
    entries.put(WARM_UP, warmUpSteps);
    entries.put(UPDATER, averageUpdater ? AVERAGE : RESET);
    outer.entries().forEach((key, value) -> entries.put(OUTER + "." + key, value));
    entries.put(EMA, ema);
    entries.put(RECOMPUTE, recomputeImages);
    return entries;
  }

  private static String id(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static String upper(String id) {
    return id.toUpperCase(Locale.ROOT);
  }

  private static Set<String> ids(Enum<?>[] constants) {
    return Arrays.stream(constants).map(Averaging::id).collect(Collectors.toSet());
  }
}
