package dev.expanse.jobs.recipe;

import com.typesafe.config.ConfigValueType;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.CosineDecay;
import dev.expanse.core.dl4j.LinearDecay;
import dev.expanse.core.dl4j.WarmUp;
import java.io.Serializable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/**
 * How the learning rate changes from step to step.
 *
 * @param shape its course after the warm-up
 * @param warmUpEpochs epochs over which it grows from next to nothing, in a line; fractions are
 *     rounded to steps
 * @param everyEpochs of {@code STEP} and {@code EXPONENTIAL}: the epochs over which the rate is
 *     multiplied by the factor, counted from the end of the warm-up; 0 for others
 * @param factor of {@code STEP} and {@code EXPONENTIAL}; 0 for others
 */
public record Schedule(Shape shape, double warmUpEpochs, double everyEpochs, double factor)
    implements Serializable {
  private static final String KEY = "schedule";

  /** The course after the warm-up. */
  public enum Shape {
    /** As it is. */
    CONSTANT,
    /** Down to nothing at the last step, in a line. */
    LINEAR,
    /** Down to nothing at the last step, as half a cosine. */
    COSINE,
    /** Multiplied by a factor every so many epochs, at once. */
    STEP,
    /** Multiplied by a factor every so many epochs, a little every step. */
    EXPONENTIAL;

    String id() {
      return name().toLowerCase(Locale.ROOT);
    }

    private boolean hasFactor() {
      return this == STEP || this == EXPONENTIAL;
    }
  }

  /**
   * Reads the key {@code schedule} of a recipe: an object, or its name alone.
   *
   * @throws InvalidInputException if it has a key that the schedule of that name doesn't know, or a
   *     value out of range
   */
  static Schedule read(Settings recipe) {
    if (recipe.has(KEY) && recipe.value(KEY).valueType() != ConfigValueType.OBJECT) {
      var shape = shape(recipe, KEY);
      if (!shape.hasFactor()) {
        return new Schedule(shape, 0, 0, 0);
      }
      throw recipe.wrong(
          KEY,
          recipe.value(KEY),
          "{ name = " + shape.id() + ", every-epochs = ..., factor = ... }");
    }
    var settings = recipe.objectOrEmpty(KEY);
    var shape = shape(settings, "name");
    double warmUp = settings.number("warm-up-epochs", 0, 100_000, 0);
    if (!shape.hasFactor()) {
      settings.onlyKeys("name", "warm-up-epochs");
      return new Schedule(shape, warmUp, 0, 0);
    }
    settings.onlyKeys("name", "warm-up-epochs", "every-epochs", "factor");
    return new Schedule(
        shape,
        warmUp,
        settings.number("every-epochs", 1e-3, 100_000),
        settings.number("factor", 1e-6, 1));
  }

  private static Shape shape(Settings settings, String key) {
    var names = Arrays.stream(Shape.values()).map(Shape::id).collect(Collectors.toSet());
    var name = settings.choice(key, Shape.CONSTANT.id(), names);
    return Shape.valueOf(name.toUpperCase(Locale.ROOT));
  }

  /**
   * The learning rate of each step, from 0.
   *
   * @param highest the learning rate at the end of the warm-up
   * @param steps steps of the whole run, at least 1
   * @param stepsAnEpoch steps of an epoch
   */
  ISchedule learningRate(double highest, int steps, int stepsAnEpoch) {
    int warmUp = (int) Math.min(steps, Math.round(warmUpEpochs * stepsAnEpoch));
    int left = Math.max(1, steps - warmUp);
    var every = everyEpochs * stepsAnEpoch;
    var course =
        switch (shape) {
          case CONSTANT -> new FixedSchedule(highest);
          case LINEAR -> new LinearDecay(highest, left);
          case COSINE -> new CosineDecay(highest, left);
          case STEP -> new StepSchedule(ScheduleType.ITERATION, highest, factor, every);
          case EXPONENTIAL ->
              new ExponentialSchedule(ScheduleType.ITERATION, highest, Math.pow(factor, 1 / every));
        };
    return warmUp == 0 ? course : new WarmUp(warmUp, course);
  }

  /** Its keys and values below {@code schedule}. */
  Map<String, Object> entries() {
    var entries = new LinkedHashMap<String, Object>();
    entries.put("name", shape.id());
    entries.put("warm-up-epochs", warmUpEpochs);
    if (shape.hasFactor()) {
      entries.put("every-epochs", everyEpochs);
      entries.put("factor", factor);
    }
    return entries;
  }
}
