package dev.expanse.core.network;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.config.Sha256;
import java.util.Locale;

/**
 * A network as data: a family with its table and knobs, the resolution and the classes. In HOCON:
 *
 * <pre>{@code
 * name = my-network
 * family = inverted-residual
 * table = [[1, 16, 1, 1, 3], [6, 24, 2, 2, 3]]  # expansion, channels, repeats, stride, kernel
 * width = 0.5
 * resolution = 128
 * classes = 100
 * }</pre>
 *
 * <p>or, as a change to a network that has a name, {@code base = mobilenet-v2, expansion = 8}.
 *
 * @param name what tables and messages call it; two specs that differ only in it are the same
 *     network
 * @param family the family with its table
 * @param resolution side of the square images, in pixels
 * @param classes how many classes it tells apart
 * @param outputStride how many pixels a value of the last map stands for on each side, at most; 0
 *     for what the family makes of its table
 */
public record NetworkSpec(
    String name, Family family, int resolution, int classes, int outputStride) {
  /** The largest side of images, in pixels. */
  public static final int MOST_PIXELS = 4096;

  private static final int MOST_CLASSES = 1_000_000;
  private static final String OUTPUT_STRIDE = "output-stride";

  /** With the strides of the family. */
  public NetworkSpec(String name, Family family, int resolution, int classes) {
    this(name, family, resolution, classes, 0);
  }

  /**
   * Reads a spec and builds its network once, so that a table that makes none is refused here.
   *
   * @throws InvalidInputException if the settings describe no network
   */
  public static NetworkSpec read(Settings settings) {
    return describe(settings).checked(settings.source());
  }

  /**
   * Reads a spec as {@link #read} does, without building its network: {@link #network()} may refuse
   * the table.
   *
   * @throws InvalidInputException if a key is unknown, missing, or its value out of range
   */
  public static NetworkSpec describe(Settings settings) {
    var own = settings.without("base");
    var complete = settings.has("base") ? own.withDefaults(named(settings)) : own;
    return new NetworkSpec(
        name(complete),
        Families.read(
            complete
                .without("name")
                .without("resolution")
                .without("classes")
                .without(OUTPUT_STRIDE)),
        complete.integer("resolution", 1, MOST_PIXELS, 224),
        complete.integer("classes", 2, MOST_CLASSES, 1000),
        complete.integer(OUTPUT_STRIDE, 1, MOST_PIXELS, 0));
  }

  /** This spec, if its network can be built. */
  private NetworkSpec checked(String source) {
    try {
      network();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new InvalidInputException(source + ": " + e.getMessage(), e);
    }
    return this;
  }

  private static Settings named(Settings settings) {
    var name = settings.text("base");
    if (!Networks.names().contains(name)) {
      throw settings.wrong("base", settings.value("base"), "one of " + Networks.listed());
    }
    return Settings.parse(Networks.named(name).toHocon(), name);
  }

  private static String name(Settings settings) {
    var name = settings.text("name");
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw settings.wrong("name", name, "letters, digits, '.', '_' and '-'");
    }
    return name;
  }

  /** The network. */
  public Network network() {
    var network = family.network(resolution, classes);
    return outputStride == 0 ? network : OutputStride.limited(network, outputStride);
  }

  /** The same network under another name. */
  public NetworkSpec withName(String other) {
    return new NetworkSpec(other, family, resolution, classes, outputStride);
  }

  /** The same network with another table or other knobs, or of another family. */
  public NetworkSpec withFamily(Family other) {
    return new NetworkSpec(name, other, resolution, classes, outputStride);
  }

  /**
   * The same network on images of another side, in pixels.
   *
   * @throws InvalidInputException if the network's maps would shrink to nothing
   */
  public NetworkSpec withResolution(int pixels) {
    return new NetworkSpec(name, family, pixels, classes, outputStride)
        .checked(name + " with resolution = " + pixels);
  }

  /** The same network for another number of classes. */
  public NetworkSpec withClasses(int count) {
    return new NetworkSpec(name, family, resolution, count, outputStride);
  }

  /**
   * The same network with another rate of dropout before its classifier; 0 for none.
   *
   * @throws InvalidInputException if its family has no dropout, or the rate is out of range
   */
  public NetworkSpec withDropout(double rate) {
    return read(Settings.parse(toHocon() + ", dropout = " + rate, name));
  }

  /** This spec as HOCON on one line, which {@link #read} reads back to an equal one. */
  public String toHocon() {
    return "name = " + name + ", " + canonical();
  }

  /** A hash of all but the name, 16 hexadecimal digits: equal for equal networks only. */
  public String hash() {
    return Sha256.of(canonical()).substring(0, 16);
  }

  private String canonical() {
    var usual =
        String.format(
            Locale.ROOT,
            "%s, resolution = %d, classes = %d",
            family.toHocon(),
            resolution,
            classes);
    return outputStride == 0 ? usual : usual + ", " + OUTPUT_STRIDE + " = " + outputStride;
  }
}
