package dev.expanse.jobs.sweep;

import dev.expanse.jobs.checkpoint.CheckpointFolder;
import dev.expanse.jobs.data.Storage;
import java.io.Serializable;
import org.apache.hadoop.fs.Path;

/**
 * Where a sweep keeps the states of trainings whose configurations have no row yet.
 *
 * @param folder as any process reaches it; each training has one of its own below it
 * @param everySeconds from one state of a training to the next
 */
record KeptStates(String folder, int everySeconds) implements Serializable {
  private static final String NAME = "checkpoints";

  /** Those of a results folder. */
  static KeptStates in(Path results, Storage storage, int everySeconds) {
    return new KeptStates(storage.qualified(new Path(results, NAME)).toString(), everySeconds);
  }

  /** Those of one training, of which the last is kept. */
  CheckpointFolder of(String training, Storage storage) {
    return new CheckpointFolder(storage, path(training)).keep(1);
  }

  /** Deletes those of one training, if there are any. */
  void delete(String training, Storage storage) {
    storage.delete(path(training));
  }

  private Path path(String training) {
    return new Path(folder, training);
  }
}
