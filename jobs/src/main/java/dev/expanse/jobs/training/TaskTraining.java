package dev.expanse.jobs.training;

import dev.expanse.core.dl4j.Dl4jModel;
import dev.expanse.core.network.Weights;
import dev.expanse.jobs.evaluation.EvaluationCounts;
import dev.expanse.jobs.evaluation.TaskEvaluation;
import java.io.Serializable;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * A whole training and its evaluation in the calling thread, such as a Spark task's: one worker,
 * which reads its minibatches itself and is averaged with nobody. Its weights are, bit for bit,
 * those of {@link AveragedTraining} with one worker.
 */
public final class TaskTraining implements Serializable {
  private static final long serialVersionUID = 1L;

  private final TrainingPlan plan;
  private final TaskEvaluation evaluation;

  TaskTraining(TrainingPlan plan, TaskEvaluation evaluation) {
    this.plan = plan;
    this.evaluation = evaluation;
  }

  /**
   * What has come out.
   *
   * @param weights as they are to be used
   * @param counts of their evaluation on the split {@code val}
   * @param state from which the training can go on, if this was not its end
   */
  public record Result(Weights weights, EvaluationCounts counts, Optional<TrainingState> state) {}

  /** What makes this training take the steps that it takes. */
  public Identity identity() {
    return plan.identity();
  }

  /**
   * What it is called in Spark's pages.
   *
   * @param seen images after which it stops
   */
  public String description(long seen) {
    int last = lastRound(seen);
    for (var span : plan.rounds()) {
      if (span.number() == last) {
        return plan.description() + ", up to " + span.description(plan.rounds().count());
      }
    }
    throw new IllegalStateException("A training without rounds");
  }

  /** The first round after which so many images have been seen, or the last one. */
  public int lastRound(long seen) {
    return plan.roundWith(seen);
  }

  /** Images of the whole training. */
  public long images() {
    long images = 0;
    for (var span : plan.rounds()) {
      images = plan.imagesAfter(span);
    }
    return images;
  }

  /** Images of an epoch. */
  public long imagesAnEpoch() {
    return plan.images().images();
  }

  /**
   * Trains to the end, and evaluates.
   *
   * @param id tells the training from others
   * @param from a state of a training of the same {@link #identity}; empty for fresh weights
   * @param hadoop how to reach the images
   * @throws DivergedException if the loss is no longer a number, or ten times the first round's
   * @throws IllegalArgumentException if the state is of another training
   */
  public Result toTheEnd(
      String id, Optional<TrainingState> from, Configuration hadoop, TrainingWatcher watcher) {
    return run(
        id,
        from,
        hadoop,
        run -> {
          var graph = run.toTheEnd(watcher);
          return new Result(weights(graph), evaluate(graph, hadoop), Optional.empty());
        });
  }

  /**
   * Trains until the end of the round in which so many images have been seen, and evaluates the
   * weights that would be used if that were the end. Learning rates are those of the whole
   * training.
   *
   * @param seen images since the beginning of the training
   */
  public Result until(
      long seen,
      String id,
      Optional<TrainingState> from,
      Configuration hadoop,
      TrainingWatcher watcher) {
    return run(
        id,
        from,
        hadoop,
        run -> {
          var graph = run.toRound(lastRound(seen), watcher);
          return new Result(weights(graph), run.evaluateAside(), Optional.of(run.state()));
        });
  }

  /** What is done with a training. */
  @FunctionalInterface
  private interface Work {
    Result of(TrainingRun run);
  }

  private Result run(String id, Optional<TrainingState> from, Configuration hadoop, Work work) {
    plan.compute().use();
    try (var rounds = new TaskRounds(plan, hadoop)) {
      try {
        return work.of(new TrainingRun(plan, id, rounds, from, graph -> evaluate(graph, hadoop)));
      } finally {
        Dl4jModel.close(rounds.graph());
      }
    } finally {
      Dl4jModel.closeWorkspaces();
    }
  }

  private EvaluationCounts evaluate(ComputationGraph graph, Configuration hadoop) {
    return evaluation.run(weights(graph), hadoop);
  }

  private Weights weights(ComputationGraph graph) {
    return Dl4jModel.weights(plan.spec().network(), graph);
  }
}
