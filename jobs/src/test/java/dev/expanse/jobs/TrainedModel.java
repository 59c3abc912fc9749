package dev.expanse.jobs;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.expanse.jobs.averaging.GraphState;
import dev.expanse.jobs.checkpoint.Checkpoint;
import dev.expanse.jobs.checkpoint.CheckpointFolder;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.training.SavedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * What {@code train} has left in its output folder.
 *
 * @param folder the output
 */
record TrainedModel(Path folder) {
  private static final Storage STORAGE = new Storage(new Configuration());

  /** The newest checkpoint that is whole. */
  Optional<Checkpoint> latest() {
    return latest(folder.resolve("checkpoints"));
  }

  /** The checkpoint of a round, which must have been kept. */
  Checkpoint checkpoint(long round) throws IOException {
    var name = "round-%010d.checkpoint".formatted(round);
    var alone = Files.createDirectories(folder.resolve("alone-" + round));
    Files.copy(folder.resolve("checkpoints").resolve(name), alone.resolve(name), REPLACE_EXISTING);
    return latest(alone).orElseThrow();
  }

  private static Optional<Checkpoint> latest(Path checkpoints) {
    var path = new org.apache.hadoop.fs.Path(checkpoints.toUri());
    return new CheckpointFolder(STORAGE, path).latest();
  }

  /** Requires the same weights, updater's state and configuration, bit for bit. */
  void requireEqualTo(TrainedModel other) {
    var graph = read();
    var expected = other.read();
    requireEqual("parameters", GraphState.parameters(graph), GraphState.parameters(expected));
    requireEqual("updater", GraphState.updater(graph), GraphState.updater(expected));
    assertThat(graph.getConfiguration().toJson()).isEqualTo(expected.getConfiguration().toJson());
    requireEqual(latest().orElseThrow(), other.latest().orElseThrow());
  }

  private ComputationGraph read() {
    return SavedModel.read(STORAGE, new org.apache.hadoop.fs.Path(folder.toUri())).graph();
  }

  /** Requires the same state of a training, whatever its id, bit for bit. */
  static void requireEqual(Checkpoint checkpoint, Checkpoint expected) {
    assertThat(withoutId(checkpoint)).isEqualTo(withoutId(expected));
    assertThat(checkpoint.round()).isEqualTo(expected.round());
    assertThat(checkpoint.arrays().keySet()).isEqualTo(expected.arrays().keySet());
    expected
        .arrays()
        .forEach((name, array) -> requireEqual(name, checkpoint.arrays().get(name), array));
  }

  private static String withoutId(Checkpoint checkpoint) {
    return checkpoint.description().replaceFirst("training = \"[0-9a-f-]{36}\"\n", "");
  }

  /** Arrays print badly when they are as long as these. */
  private static void requireEqual(String name, float[] values, float[] expected) {
    assertThat(Arrays.mismatch(values, expected)).as("where %s differ", name).isEqualTo(-1);
  }
}
