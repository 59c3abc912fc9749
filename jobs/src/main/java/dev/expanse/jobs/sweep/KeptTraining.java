package dev.expanse.jobs.sweep;

import dev.expanse.jobs.checkpoint.Checkpoint;
import dev.expanse.jobs.checkpoint.CheckpointFolder;
import dev.expanse.jobs.data.Storage;
import dev.expanse.jobs.evaluation.EvaluationCounts;
import dev.expanse.jobs.training.Identity;
import dev.expanse.jobs.training.Round;
import dev.expanse.jobs.training.TrainingState;
import dev.expanse.jobs.training.TrainingTable;
import dev.expanse.jobs.training.TrainingWatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
  private final List<Map<String, Object>> rows = new ArrayList<>();
  private final long start = System.nanoTime();
  private Map<String, Object> identity = Map.of();
  private long keptAt = start;
  private double secondsBefore;

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
   * such as that of another name of the network, or behind the last round, is deleted.
   */
  Optional<TrainingState> from(Identity identity) {
    this.identity = identity.columns();
    return folder.latest().flatMap(checkpoint -> from(checkpoint, identity));
  }

  private Optional<TrainingState> from(Checkpoint checkpoint, Identity identity) {
    var file = folder.path().toString();
    var state = TrainingState.of(checkpoint, file);
    if (!isUseful(state, identity)) {
      states.delete(training, storage);
      return Optional.empty();
    }
    for (var round : KeptRounds.read(checkpoint, file)) {
      var row = new HashMap<>(this.identity);
      row.putAll(circumstances);
      row.put("training", training);
      row.putAll(round);
      rows.add(row);
    }
    secondsBefore = trainSeconds();
    LOG.info("{}: goes on after round {}", name, state.progress().round());
    return Optional.of(state);
  }

  private boolean isUseful(TrainingState state, Identity identity) {
    return state.identity().difference(identity).isEmpty() && state.progress().round() <= lastRound;
  }

  @Override
  public void round(Round round) {
    rows.add(TrainingTable.row(training, identity, circumstances, round));
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

  /** Keeps a state, unless that was done, by an attempt at the same training that Spark gave up. */
  void keep(TrainingState state) {
    if (folder.newestRound().orElse(0) < state.progress().round()) {
      folder.write(KeptRounds.checkpoint(state, rows));
    }
  }

  /** What has come of it. */
  Outcome measured(EvaluationCounts counts) {
    return Outcome.measured(rows, trainSeconds(), seconds(), counts);
  }

  /** What has come of it when it failed. */
  Outcome failed(Throwable e) {
    return Outcome.failed(rows, seconds(), e);
  }

  private double trainSeconds() {
    return rows.stream().mapToDouble(row -> (double) row.get("seconds")).sum();
  }

  private double seconds() {
    return secondsBefore + (System.nanoTime() - start) / 1e9;
  }
}
