package dev.expanse.jobs.sweep;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.jobs.checkpoint.Checkpoint;
import dev.expanse.jobs.checkpoint.CheckpointFolder;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.evaluation.EvaluationCounts;
import dev.expanse.jobs.training.Identity;
import dev.expanse.jobs.training.Round;
import dev.expanse.jobs.training.TrainingState;
import dev.expanse.jobs.training.TrainingTable;
import dev.expanse.jobs.training.TrainingWatcher;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a training of a sweep, or a part of one: gathers the rows of its rounds, and keeps them
 * and its state from time to time, from which it goes on if its executor or the whole sweep is
 * killed.
 */
final class KeptTraining implements TrainingWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(KeptTraining.class);

  private final KeptStates states;
  private final String training;
  private final String name;
  private final Map<String, Object> circumstances;
  private final int lastRound;
  private final Consumer<Round> watcher;
  private final Storage storage;
  private final CheckpointFolder folder;
  private final long start = System.nanoTime();
  private Map<String, Object> identity = Map.of();
  private TrainingPast past = new TrainingPast(Instant.now(), 0, new ArrayList<>());
  private long keptAt = start;

  /**
   * A training that is about to begin, or to go on.
   *
   * @param training tells it from others
   * @param name for people
   * @param circumstances columns of every row
   * @param lastRound of this part of it
   * @param hadoop how to reach its states
   * @param watcher is told of its rounds
   */
  KeptTraining(
      KeptStates states,
      String training,
      String name,
      Map<String, Object> circumstances,
      int lastRound,
      Configuration hadoop,
      Consumer<Round> watcher) {
    this.states = states;
    this.training = training;
    this.name = name;
    this.circumstances = circumstances;
    this.lastRound = lastRound;
    this.watcher = watcher;
    this.storage = new Storage(hadoop);
    this.folder = states.of(training, storage);
  }

  /**
   * The state that it goes on from; empty if it begins. One that is of no use, of another identity,
   * such as that of another name of the network, or past the last round of this part, is deleted.
   */
  Optional<TrainingState> from(Identity identity) {
    this.identity = identity.columns();
    try {
      return folder.latest().flatMap(checkpoint -> from(checkpoint, identity));
    } catch (InvalidInputException e) {
      LOG.warn("{}: begins anew, for its state cannot be read: {}", name, e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<TrainingState> from(Checkpoint checkpoint, Identity identity) {
    var file = folder.path().toString();
    var state = TrainingState.of(checkpoint, file);
    if (state.identity().difference(identity).isPresent() || state.progress().round() > lastRound) {
      states.delete(training, storage);
      return Optional.empty();
    }
    var common = new HashMap<>(this.identity);
    common.putAll(circumstances);
    common.put("training", training);
    past = TrainingPast.of(checkpoint, file, common);
    LOG.info("{}: goes on after round {}", name, state.progress().round());
    return Optional.of(state);
  }

  @Override
  public void round(Round round) {
    past.rounds().add(TrainingTable.row(training, identity, circumstances, round));
    watcher.accept(round);
  }

  @Override
  public void resumable(
      Round round, boolean last, OptionalDouble top1, Supplier<TrainingState> state) {
    boolean ends = last || round.number() >= lastRound;
    if (!ends && System.nanoTime() - keptAt >= states.everySeconds() * 1e9) {
      keep(state.get());
      keptAt = System.nanoTime();
    }
  }

  /**
   * Keeps a state, unless an attempt at the same training has that Spark gave up. What cannot be
   * written is no reason to end a training.
   */
  void keep(TrainingState state) {
    try {
      if (folder.newestRound().orElse(0) < state.progress().round()) {
        folder.write(new TrainingPast(past.startedAt(), seconds(), past.rounds()).with(state));
      }
    } catch (InvalidInputException e) {
      LOG.warn("{}: its state is not kept: {}", name, e.getMessage());
    }
  }

  /** What has come of it. */
  Outcome measured(EvaluationCounts counts) {
    return Outcome.measured(past.rounds(), past.startedAt(), seconds(), counts);
  }

  /** What has come of it when it failed. */
  Outcome failed(Throwable e) {
    return Outcome.failed(past.rounds(), past.startedAt(), seconds(), e);
  }

  private double seconds() {
    return past.seconds() + (System.nanoTime() - start) / 1e9;
  }
}
