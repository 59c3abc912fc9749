package dev.expanse.jobs.data;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code dataset.json} says of a dataset.
 *
 * @param classes class ids in the order of their labels
 * @param splits the splits by name
 * @param fingerprint a hash of every image with its split and label: equal for equal images only
 * @param source where the images were read
 */
public record DatasetDescription(
    List<String> classes, Map<String, Split> splits, String fingerprint, String source) {
  private static final int FORMAT = 1;

  /**
   * A part of the dataset.
   *
   * @param images how many images it has
   * @param shards its Parquet files, relative to the dataset
   */
  public record Split(long images, List<String> shards) {}

  /**
   * Reads {@code dataset.json}.
   *
   * @param source the file's name in messages
   * @throws InvalidInputException if it is not one that this version of Expanse writes
   */
  public static DatasetDescription parse(String json, String source) {
    var settings = Settings.parse(json, source);
    settings.integer("format", FORMAT, FORMAT);
    var classes = settings.texts("classes");
    if (classes.size() < 2 || classes.stream().distinct().count() < classes.size()) {
      throw settings.wrong("classes", classes, "at least two class ids, all different");
    }
    var splits = new LinkedHashMap<String, Split>();
    for (var name : settings.texts("split-names")) {
      var split = settings.object("splits").object(name);
      if (split.texts("shards").isEmpty()) {
        throw split.wrong("shards", "[]", "at least one file");
      }
      splits.put(
          name, new Split(split.integer("images", 1, Integer.MAX_VALUE), split.texts("shards")));
    }
    return new DatasetDescription(
        classes, splits, settings.text("fingerprint"), settings.text("source"));
  }

  /** The JSON text that {@link #parse} reads. */
  public String toJson() {
    var parts = new LinkedHashMap<String, Object>();
    splits.forEach(
        (name, split) ->
            parts.put(name, Map.of("images", split.images(), "shards", split.shards())));
    var json = new LinkedHashMap<String, Object>();
    json.put("format", FORMAT);
    json.put("classes", classes);
    json.put("split-names", new ArrayList<>(splits.keySet()));
    json.put("splits", parts);
    json.put("fingerprint", fingerprint);
    json.put("source", source);
    return ConfigFactory.parseMap(json)
            .root()
            .render(ConfigRenderOptions.defaults().setOriginComments(false).setJson(true))
        + "\n";
  }
}
