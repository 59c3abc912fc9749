package dev.expanse.jobs.sweep;

import dev.expanse.jobs.checkpoint.CheckpointFolder;
import dev.expanse.jobs.compute.MemoryShortageException;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.progress.Progress;
import dev.expanse.jobs.training.DivergedException;
import dev.expanse.jobs.training.Round;
import dev.expanse.jobs.training.TaskTraining;
import dev.expanse.jobs.training.TrainingState;
import dev.expanse.jobs.training.TrainingTable;
import dev.expanse.jobs.training.TrainingWatcher;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The training of one configuration, or a part of it, and its evaluation, in one Spark task.
 *
 * @param training what is done
 * @param hash the configuration's, which tells the training from others
 * @param name what the configuration is called
 * @param until images after which it stops and keeps its state; null for the end
 * @param checkpoints the folder of its states; null if it keeps none
 * @param circumstances columns of every row
 */
record TrainingTask(
    TaskTraining training,
    String hash,
    String name,
    Long until,
    String checkpoints,
    HashMap<String, Object> circumstances)
    implements Serializable {

  /**
   * Trains, from the state that was kept last if there is one.
   *
   * @return also if the training diverges or finds too little memory; what else goes wrong is
   *     thrown, for Spark to try again
   */
  Outcome run(Configuration hadoop) {
    var rows = new ArrayList<Map<String, Object>>();
    var identity = training.identity().columns();
    var progress = new Progress();
    long start = System.nanoTime();
    long[] trained = {0};
    try {
      var folder = folder(hadoop);
      var from = folder.flatMap(kept -> state(kept, new Storage(hadoop)));
      var result =
          MemoryShortageException.during(
              () ->
                  train(
                      hadoop,
                      from,
                      round -> {
                        rows.add(TrainingTable.row(hash, identity, circumstances, round));
                        trained[0] = System.nanoTime() - start;
                        progress.at(share(round), () -> describe(round));
                      }));
      result
          .state()
          .filter(state -> from.isEmpty() || state.progress().round() > round(from))
          .ifPresent(state -> folder.orElseThrow().write(state.toCheckpoint()));
      return Outcome.measured(rows, trained[0] / 1e9, seconds(start), result.counts());
    } catch (DivergedException | MemoryShortageException e) {
      return Outcome.failed(rows, seconds(start), e);
    }
  }

  /** What it is called in Spark's pages. */
  String description() {
    return training.description(last());
  }

  private long last() {
    return until == null ? training.images() : until;
  }

  private TaskTraining.Result train(
      Configuration hadoop, Optional<TrainingState> from, TrainingWatcher watcher) {
    return until == null
        ? training.toTheEnd(hash, from, hadoop, watcher)
        : training.until(until, hash, from, hadoop, watcher);
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static int round(Optional<TrainingState> from) {
    return from.orElseThrow().progress().round();
  }

  private Optional<CheckpointFolder> folder(Configuration hadoop) {
    return Optional.ofNullable(checkpoints)
        .map(folder -> new CheckpointFolder(new Storage(hadoop), new Path(folder)).keep(1));
  }

  /** What was kept under another name of the network, say, cannot be gone on from: it goes. */
  private Optional<TrainingState> state(CheckpointFolder folder, Storage storage) {
    var state = folder.latest().map(found -> TrainingState.of(found, folder.path().toString()));
    if (state.flatMap(kept -> kept.identity().difference(training.identity())).isPresent()) {
      storage.delete(folder.path());
      return Optional.empty();
    }
    return state;
  }

  private double share(Round round) {
    return Math.min(1, (double) round.images() / last());
  }

  private String describe(Round round) {
    return String.format(
        "%s: epoch %d, round %d of %d, loss %.2f",
        name, round.epoch(), round.number(), round.rounds(), round.loss());
  }
}
