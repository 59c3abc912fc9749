package dev.expanse.jobs.sweep;

import dev.expanse.jobs.compute.MemoryShortageException;
import dev.expanse.jobs.progress.Progress;
import dev.expanse.jobs.training.DivergedException;
import dev.expanse.jobs.training.Round;
import dev.expanse.jobs.training.TaskTraining;
import dev.expanse.jobs.training.TrainingState;
import dev.expanse.jobs.training.TrainingWatcher;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * The training of one configuration, or a part of it, and its evaluation, in one Spark task.
 *
 * @param training what is done
 * @param hash the configuration's, which tells the training from others
 * @param name what the configuration is called
 * @param until images after which it stops and keeps its state; null for the end
 * @param states where its states are kept
 * @param circumstances columns of every row
 */
record TrainingTask(
    TaskTraining training,
    String hash,
    String name,
    Long until,
    KeptStates states,
    HashMap<String, Object> circumstances)
    implements Serializable {

  /**
   * Trains, from the state that was kept last if there is one.
   *
   * @return also if the training diverges or finds too little memory; what else goes wrong is
   *     thrown, for Spark to try again
   */
  Outcome run(Configuration hadoop) {
    var progress = Progress.goingOn();
    var kept =
        new KeptTraining(
            states,
            hash,
            name,
            circumstances,
            training.lastRound(last()),
            hadoop,
            round -> progress.at(share(round), () -> round.line(name)));
    try {
      return MemoryShortageException.during(
          () -> {
            var result = train(hadoop, kept.from(training.identity()), kept);
            result.state().ifPresent(kept::keep);
            return kept.measured(result.counts());
          });
    } catch (DivergedException | MemoryShortageException e) {
      return kept.failed(e);
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

  private double share(Round round) {
    return Math.min(1, (double) round.images() / last());
  }
}
