package dev.expanse.jobs.training;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.config.Settings;
import dev.expanse.core.network.NetworkSpec;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.recipe.Recipe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;

/**
 * A trained network in a folder: {@code model.zip} in Deeplearning4j's format, {@code network.conf}
 * and {@code recipe.conf}.
 *
 * @param graph the weights, and the state of the updater
 * @param spec the network
 * @param recipe how it was trained
 */
public record SavedModel(ComputationGraph graph, NetworkSpec spec, Recipe recipe) {
  private static final String MODEL = "model.zip";
  private static final String NETWORK = "network.conf";
  private static final String RECIPE = "recipe.conf";

  /** Writes into the folder; the model comes last, and whole or not at all. */
  public void write(Storage storage, Path folder) {
    try {
      var model = new ByteArrayOutputStream();
      ModelSerializer.writeModel(graph, model, true);
      storage.write(new Path(folder, NETWORK), text(spec.toHocon()));
      storage.write(new Path(folder, RECIPE), text(recipe.toHocon()));
      storage.write(new Path(folder, MODEL), model.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** True if a folder holds a model that is whole. */
  public static boolean isIn(Storage storage, Path folder) {
    return storage.exists(new Path(folder, MODEL));
  }

  /**
   * Reads a folder.
   *
   * @throws InvalidInputException if it holds no model
   */
  public static SavedModel read(Storage storage, Path folder) {
    var file = new Path(folder, MODEL);
    if (!isIn(storage, folder)) {
      throw InvalidInputException.of(
          "model = %s: expected a folder with a %s, such as train writes", folder, MODEL);
    }
    var spec = NetworkSpec.read(settings(storage, new Path(folder, NETWORK)));
    var recipe = Recipe.read(settings(storage, new Path(folder, RECIPE)));
    try (var in = storage.fileSystem(file).open(file)) {
      return new SavedModel(ModelSerializer.restoreComputationGraph(in, true), spec, recipe);
    } catch (IOException | RuntimeException e) { // DL4J has no one exception for a bad file
      throw new InvalidInputException(
          file + ": expected a Deeplearning4j model: " + e.getMessage(), e);
    }
  }

  private static Settings settings(Storage storage, Path file) {
    return Settings.parse(storage.read(file), file.toString());
  }

  private static byte[] text(String line) {
    return (line + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
