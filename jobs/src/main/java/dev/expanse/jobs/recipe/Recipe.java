package dev.expanse.jobs.recipe;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.dl4j.LinearDecay;
import dev.expanse.core.image.ColorJitter;
import dev.expanse.core.image.ImageTransform;
import java.io.Serializable;
import java.util.Locale;
import java.util.Set;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;

/**
 * How a network is trained.
 *
 * @param batch images that a worker takes a step on
 * @param epochs how often each image is seen
 * @param learningRate the first step's learning rate
 * @param schedule {@code constant}, or {@code linear}: down to zero at the last step
 * @param momentum Nesterov's momentum
 * @param weightDecay L2 penalty of the weights of convolutions and of the classifier
 * @param averagingFrequency steps that a worker takes between two averagings
 * @param minScale least share of an image's area that a random crop keeps
 * @param flip whether half of the images are mirrored
 * @param jitter how far colours are changed
 * @param cropFraction share of an image's shorter side that evaluation looks at
 * @param evaluationBatch images that evaluation takes at a time
 */
public record Recipe(
    int batch,
    int epochs,
    double learningRate,
    String schedule,
    double momentum,
    double weightDecay,
    int averagingFrequency,
    double minScale,
    boolean flip,
    ColorJitter jitter,
    double cropFraction,
    int evaluationBatch)
    implements Serializable {
  private static final String CONSTANT = "constant";
  private static final String LINEAR = "linear";

  /**
   * Reads a recipe.
   *
   * @throws InvalidInputException if a key is unknown or missing, or its value out of range
   */
  public static Recipe read(Settings settings) {
    settings.onlyKeys(
        "batch",
        "epochs",
        "learning-rate",
        "schedule",
        "momentum",
        "weight-decay",
        "averaging-frequency",
        "augment",
        "evaluation");
    var augment =
        settings
            .objectOrEmpty("augment")
            .onlyKeys("min-scale", "flip", "brightness", "contrast", "saturation");
    var evaluation = settings.objectOrEmpty("evaluation").onlyKeys("crop-fraction", "batch");
    return new Recipe(
        settings.integer("batch", 2, 65_536),
        settings.integer("epochs", 1, 100_000),
        settings.number("learning-rate", 1e-9, 100),
        settings.choice("schedule", CONSTANT, Set.of(CONSTANT, LINEAR)),
        settings.number("momentum", 0, 0.9999, 0.9),
        settings.number("weight-decay", 0, 1, 4e-5),
        settings.integer("averaging-frequency", 1, 100_000),
        augment.number("min-scale", 0.01, 1, 0.08),
        augment.flag("flip", true),
        new ColorJitter(
            augment.number("brightness", 0, 10, 0),
            augment.number("contrast", 0, 10, 0),
            augment.number("saturation", 0, 10, 0)),
        evaluation.number("crop-fraction", 0.1, 1, 0.875),
        evaluation.integer("batch", 1, 65_536, 64));
  }

  /** This recipe as HOCON on one line, which {@link #read} reads back to an equal one. */
  public String toHocon() {
    return String.format(
        Locale.ROOT,
        "batch = %d, epochs = %d, learning-rate = %s, schedule = %s, momentum = %s,"
            + " weight-decay = %s, averaging-frequency = %d,"
            + " augment { min-scale = %s, flip = %s, brightness = %s, contrast = %s,"
            + " saturation = %s },"
            + " evaluation { crop-fraction = %s, batch = %d }",
        batch,
        epochs,
        learningRate,
        schedule,
        momentum,
        weightDecay,
        averagingFrequency,
        minScale,
        flip,
        jitter.brightness(),
        jitter.contrast(),
        jitter.saturation(),
        cropFraction,
        evaluationBatch);
  }

  /** What is done to a training image, of which {@code side x side} pixels are made. */
  public ImageTransform trainingTransform(int side) {
    return ImageTransform.training(side, minScale, flip, jitter);
  }

  /** What of an image is evaluated, {@code side x side} pixels. */
  public ImageTransform evaluationTransform(int side) {
    return ImageTransform.evaluation(side, cropFraction);
  }

  /** The rule by which a step changes the weights; a run takes {@code steps} of them. */
  public IUpdater updater(int steps) {
    return schedule.equals(LINEAR)
        ? new Nesterovs(new LinearDecay(learningRate, steps), momentum)
        : new Nesterovs(learningRate, momentum);
  }
}
