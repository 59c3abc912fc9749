package dev.expanse.jobs.data;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What {@code dataset.json} says of a dataset.
 *
 * @param classes class ids in the order of their labels
 * @param classNames what the classes are called, in the same order
 * @param splits the splits by name
 * @param fingerprint a hash of every image with its split and label: equal for equal images only
 * @param source where the images were read
 * @param statistics of the training images; empty if there are none, or in a file of format 1
 * @param preparation how it was made; empty in a file of format 1
 */
public record DatasetDescription(
    List<String> classes,
    List<String> classNames,
    Map<String, Split> splits,
    String fingerprint,
    String source,
    Optional<ChannelStatistics> statistics,
    Optional<Preparation> preparation) {
  private static final int FIRST_FORMAT = 1;
  private static final int FORMAT = 2;

  /** What format 1 has: the classes' names are their ids. */
  public DatasetDescription(
      List<String> classes, Map<String, Split> splits, String fingerprint, String source) {
    this(classes, classes, splits, fingerprint, source, Optional.empty(), Optional.empty());
  }

  /**
   * A part of the dataset.
   *
   * @param images how many images it has
   * @param imagesOfClass how many of each class, in the order of the labels; empty in a file of
   *     format 1
   * @param shards its Parquet files, relative to the dataset
   */
  public record Split(long images, List<Long> imagesOfClass, List<String> shards) {
    /** A split of which nobody has counted the classes. */
    public Split(long images, List<String> shards) {
      this(images, List.of(), shards);
    }
  }

  /**
   * Reads {@code dataset.json}, of this format or of the first.
   *
   * @param source the file's name in messages
   * @throws InvalidInputException if it is not one that Expanse writes
   */
  public static DatasetDescription parse(String json, String source) {
    var settings = Settings.parse(json, source);
    int format = settings.integer("format", FIRST_FORMAT, FORMAT);
    var classes = settings.texts("classes");
    if (classes.size() < 2 || classes.stream().distinct().count() < classes.size()) {
      throw settings.wrong("classes", classes, "at least two class ids, all different");
    }
    var splits = new LinkedHashMap<String, Split>();
    for (var name : settings.texts("split-names")) {
      splits.put(name, split(settings.object("splits").object(name), format, classes.size()));
    }
    var fingerprint = settings.text("fingerprint");
    var origin = settings.text("source");
    if (format == FIRST_FORMAT) {
      return new DatasetDescription(classes, splits, fingerprint, origin);
    }
    var names = settings.texts("class-names");
    if (names.size() != classes.size()) {
      throw settings.wrong("class-names", names, "a name of each of the " + classes.size());
    }
    return new DatasetDescription(
        classes,
        names,
        splits,
        fingerprint,
        origin,
        settings.has("statistics")
            ? Optional.of(statistics(settings.object("statistics")))
            : Optional.empty(),
        Optional.of(preparation(settings.object("preparation"))));
  }

  private static Split split(Settings split, int format, int classes) {
    var shards = split.texts("shards");
    if (shards.isEmpty()) {
      throw split.wrong("shards", "[]", "at least one file");
    }
    long images = split.integer("images", 1, Integer.MAX_VALUE);
    if (format == FIRST_FORMAT) {
      return new Split(images, shards);
    }
    var counts =
        split.numbers("images-of-class", 0, Integer.MAX_VALUE).stream()
            .map(Double::longValue)
            .toList();
    if (counts.size() != classes) {
      throw split.wrong("images-of-class", counts, "a count of each of the %d".formatted(classes));
    }
    return new Split(images, counts, shards);
  }

  private static ChannelStatistics statistics(Settings settings) {
    var statistics =
        new ChannelStatistics(
            settings.numbers("mean", 0, 1),
            settings.numbers("deviation", 0, 1),
            settings.integer("images", 1, Integer.MAX_VALUE));
    if (statistics.mean().size() != 3 || statistics.deviation().size() != 3) {
      throw settings.wrong("mean", statistics.mean(), "3 means and 3 deviations");
    }
    return statistics;
  }

  private static Preparation preparation(Settings settings) {
    return new Preparation(
        settings.text("version"),
        settings.text("class-list"),
        seed(settings),
        optional(settings, "shorter-side", Preparation.MOST_PIXELS),
        optional(settings, "jpeg-quality", Preparation.BEST_QUALITY));
  }

  private static long seed(Settings settings) {
    try {
      return Long.parseLong(settings.text("seed"));
    } catch (NumberFormatException e) {
      throw settings.wrong("seed", settings.text("seed"), "a whole number");
    }
  }

  private static OptionalInt optional(Settings settings, String key, int most) {
    return settings.has(key) ? OptionalInt.of(settings.integer(key, 1, most)) : OptionalInt.empty();
  }

  /** The JSON text that {@link #parse} reads. */
  public String toJson() {
    var json = new LinkedHashMap<String, Object>();
    json.put("format", preparation.isPresent() ? FORMAT : FIRST_FORMAT);
    json.put("classes", classes);
    json.put("split-names", new ArrayList<>(splits.keySet()));
    var parts = new LinkedHashMap<String, Object>();
    splits.forEach((name, split) -> parts.put(name, json(split)));
    json.put("splits", parts);
    json.put("fingerprint", fingerprint);
    json.put("source", source);
    statistics.ifPresent(s -> json.put("statistics", json(s)));
    preparation.ifPresent(
        p -> {
          json.put("class-names", classNames);
          json.put("preparation", json(p));
        });
    return ConfigFactory.parseMap(json)
            .root()
            .render(ConfigRenderOptions.defaults().setOriginComments(false).setJson(true))
        + "\n";
  }

  private static Map<String, Object> json(Split split) {
    var json = new LinkedHashMap<String, Object>();
    json.put("images", split.images());
    json.put("shards", split.shards());
    if (!split.imagesOfClass().isEmpty()) {
      json.put("images-of-class", split.imagesOfClass());
    }
    return json;
  }

  private static Map<String, Object> json(ChannelStatistics statistics) {
    return Map.of(
        "mean", statistics.mean(),
        "deviation", statistics.deviation(),
        "images", statistics.images());
  }

  private static Map<String, Object> json(Preparation preparation) {
    var json = new LinkedHashMap<String, Object>();
    json.put("version", preparation.version());
    json.put("class-list", preparation.classList());
    json.put("seed", Long.toString(preparation.seed())); // JSON's numbers have 53 bits
    preparation.shorterSide().ifPresent(pixels -> json.put("shorter-side", pixels));
    preparation.jpegQuality().ifPresent(quality -> json.put("jpeg-quality", quality));
    return json;
  }
}
