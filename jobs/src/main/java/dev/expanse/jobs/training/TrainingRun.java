package dev.expanse.jobs.training;

import dev.expanse.jobs.averaging.GraphState;
import dev.expanse.jobs.evaluation.EvaluationCounts;
import dev.expanse.jobs.metrics.TrainingMetrics;
import dev.expanse.jobs.recipe.Recipe;
import dev.expanse.jobs.training.RoundPlan.Span;
import dev.expanse.jobs.training.TrainingState.Progress;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** A training under way: its rounds, one after another, and what is done between them. */
final class TrainingRun {
  /** A loss that is so many times the first round's will not come down again. */
  private static final double DIVERGED = 10;

  private final TrainingPlan training;
  private final Identity identity;
  private final String id;
  private final Recipe recipe;
  private final Rounds rounds;
  private final RoundPlan plan;
  private final int count;
  private final Function<ComputationGraph, EvaluationCounts> evaluation;
  private Progress progress = Progress.BEGINNING;
  private float[] average = {};
  private float[] best = {};

  /**
   * Takes a state's weights, if there is one.
   *
   * @param id tells the training from others
   * @param evaluation of a network of this training
   * @throws IllegalArgumentException if the state is of another training
   */
  TrainingRun(
      TrainingPlan training,
      String id,
      Rounds rounds,
      Optional<TrainingState> from,
      Function<ComputationGraph, EvaluationCounts> evaluation) {
    this.training = training;
    this.identity = training.identity();
    this.evaluation = evaluation;
    this.id = id;
    this.recipe = training.recipe();
    this.rounds = rounds;
    this.plan = training.rounds();
    this.count = plan.count();
    from.ifPresent(this::restore);
  }

  private void restore(TrainingState state) {
    state
        .identity()
        .difference(identity)
        .ifPresent(
            difference -> {
              throw new IllegalArgumentException(
                  "Cannot go on with another training: " + difference);
            });
    progress = state.progress();
    average = state.average();
    best = state.best();
    GraphState.setParameters(rounds.graph(), state.parameters());
    GraphState.setUpdater(rounds.graph(), state.updater());
    rounds.outer().ifPresent(outer -> outer.setVelocity(state.velocity()));
    for (var span : plan) {
      if (span.number() == progress.round()) {
        rounds.goOn(span.epoch(), plan.stepsAfter(span));
      }
    }
  }

  /** A copy of all that the training needs to go on. */
  TrainingState state() {
    return new TrainingState(
        id,
        identity,
        progress,
        GraphState.parameters(rounds.graph()),
        GraphState.updater(rounds.graph()),
        rounds.outer().map(outer -> outer.velocity()).orElse(new float[0]),
        average.clone(),
        best.clone());
  }

  /** Makes all rounds that are left, and returns the network as it is to be used. */
  ComputationGraph toTheEnd(TrainingWatcher watcher) {
    toRound(count, watcher);
    prepareForUse(used(), true);
    return rounds.graph();
  }

  /** The weights that are used at the end in place of the network's own, if there are such. */
  private float[] used() {
    return best.length > 0 ? best : average;
  }

  /** Makes the rounds that are left up to one, and returns the network as it is then. */
  ComputationGraph toRound(int last, TrainingWatcher watcher) {
    for (var span : plan) {
      if (span.number() > progress.round() && span.number() <= last && !stopsEarly()) {
        next(span, watcher);
      }
    }
    return rounds.graph();
  }

  private boolean stopsEarly() {
    int patience = recipe.evaluation().patience();
    return patience > 0 && progress.worse() >= patience;
  }

  private void next(Span span, TrainingWatcher watcher) {
    boolean last = span.number() == count;
    var round = make(span);
    TrainingMetrics.here().round(training.imagesOf(span), round.seconds(), round.loss());
    progress = progress.after(round);
    requireConverging(round);
    watcher.round(round);
    var top1 = OptionalDouble.empty();
    if (training.evaluatedAfter(span, last)) {
      var evaluated = evaluate(round, last);
      watcher.evaluated(evaluated);
      top1 = OptionalDouble.of(evaluated.counts().top1());
    }
    watcher.resumable(round, last || stopsEarly(), top1, this::state);
  }

  private Round make(Span span) {
    long start = System.nanoTime();
    long steps = plan.stepsAfter(span);
    double loss = rounds.make(span, steps);
    if (!Double.isFinite(rounds.graph().params().sumNumber().doubleValue())) {
      loss = Double.NaN; // it was measured before the round's last step
    }
    average();
    return new Round(
        span.epoch(),
        span.number(),
        count,
        steps,
        training.imagesAfter(span),
        loss,
        training.updater().getLearningRate((int) steps - 1, span.epoch() - 1),
        (System.nanoTime() - start) / 1e9,
        rounds.report());
  }

  private void average() {
    double decay = recipe.averaging().ema();
    if (decay == 0) {
      return;
    }
    var parameters = GraphState.parameters(rounds.graph());
    if (average.length == 0) {
      average = parameters;
      return;
    }
    double kept = Math.pow(decay, rounds.report().orElseThrow().steps());
    for (int i = 0; i < average.length; i++) {
      average[i] += (float) ((1 - kept) * (parameters[i] - average[i]));
    }
  }

  private void requireConverging(Round round) {
    if (!(round.loss() <= DIVERGED * progress.firstLoss())) { // false for NaN as well
      throw new DivergedException(round, progress.firstLoss());
    }
  }

  /** Evaluates the weights as they are, or their moving average, and goes on with its own. */
  private Evaluated evaluate(Round round, boolean last) {
    long start = System.nanoTime();
    var own = GraphState.parameters(rounds.graph());
    prepareForUse(average, last);
    var counts = evaluation.apply(rounds.graph());
    progress = progress.evaluated(counts.top1());
    if (recipe.evaluation().patience() > 0 && progress.worse() == 0) {
      best = GraphState.parameters(rounds.graph());
    }
    GraphState.setParameters(rounds.graph(), own);
    return new Evaluated(round, counts, (System.nanoTime() - start) / 1e9);
  }

  /** Evaluates the weights that would be used if this were the end, and changes nothing. */
  EvaluationCounts evaluateAside() {
    var own = GraphState.parameters(rounds.graph());
    prepareForUse(used(), true);
    var counts = evaluation.apply(rounds.graph());
    GraphState.setParameters(rounds.graph(), own);
    return counts;
  }

  /** Takes the weights that are given, if any, in place of the network's own. */
  private void prepareForUse(float[] weights, boolean last) {
    if (weights.length > 0) {
      GraphState.setParameters(rounds.graph(), weights);
    }
    long images = recipe.averaging().recomputeImages();
    if (last && images > 0) {
      rounds.recomputeStatistics(images);
    }
  }
}
