package dev.expanse.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Measures all subjects in one run. They live side by side and take turns: in a round every subject
 * has a turn at a task, of the same time, one call at least, then at the next task. A machine that
 * is slower for a while is so for all of them. What counts are all calls of all rounds. Before its
 * first turn at a task a subject warms up for some seconds. One that cannot do a task says so, and
 * the others go on.
 *
 * <p>The peak of resident memory is read after the first turn at the first task, when a subject has
 * done nothing else yet.
 */
final class Measurement<K> implements AutoCloseable {
  private final Workload<K> workload;
  private final Turns turns;
  private final Map<K, SubjectProcess> subjects = new LinkedHashMap<>();
  private final Map<Task, Map<K, List<Double>>> times = new HashMap<>();
  private final Map<Task, Map<K, String>> refusals = new HashMap<>();
  private final Map<K, Long> peakKilobytes = new HashMap<>();

  /** How often each subject has its turn at each task, and for how many milliseconds. */
  record Turns(int rounds, long milliseconds) {}

  /**
   * All figures.
   *
   * @param <K> the kinds of subjects
   * @param times in milliseconds, in the order of the subjects
   * @param refusals why a subject could not do a task, in a sentence
   * @param peakKilobytes memory
   */
  record Figures<K>(
      Map<Task, Map<K, Percentiles>> times,
      Map<Task, Map<K, String>> refusals,
      Map<K, Long> peakKilobytes) {

    /** A line for each subject at each of these tasks. */
    List<Row<K>> rows(List<Task> tasks) {
      return tasks.stream()
          .flatMap(
              task ->
                  times.getOrDefault(task, Map.of()).entrySet().stream()
                      .map(entry -> new Row<>(task, entry.getKey(), entry.getValue())))
          .toList();
    }

    /** The median in milliseconds of a subject that has done the task. */
    Optional<Double> median(Task task, K subject) {
      return Optional.ofNullable(times.getOrDefault(task, Map.of()).get(subject))
          .map(Percentiles::median);
    }

    /** The median of one subject as a multiple of another's, where both have done the task. */
    Optional<Double> ratio(Task task, K subject, K other) {
      return median(task, subject).flatMap(ms -> median(task, other).map(others -> ms / others));
    }

    /** Why a subject could not do a task, if it could not. */
    Optional<String> refusal(Task task, K subject) {
      return Optional.ofNullable(refusals.getOrDefault(task, Map.of()).get(subject));
    }
  }

  /**
   * One subject at one task.
   *
   * @param <K> the kinds of subjects
   */
  record Row<K>(Task task, K subject, Percentiles ms) {

    /** Images of the task that one thread gets done in a second, by the median. */
    double imagesPerSecond() {
      return 1000 * task.batch() / ms.median();
    }
  }

  private Measurement(Workload<K> workload, Turns turns) {
    this.workload = workload;
    this.turns = turns;
  }

  /**
   * Starts the subjects, measures them and ends them.
   *
   * @throws SubjectFailedException if the process of a subject ends before it is measured
   */
  static <K> Figures<K> run(Workload<K> workload, Turns turns) {
    try (var measurement = new Measurement<K>(workload, turns)) {
      measurement.start();
      for (int round = 1; round <= turns.rounds(); round++) {
        measurement.round(round);
      }
      return measurement.figures();
    }
  }

  private void start() {
    for (var kind : workload.subjects()) {
      say("Starting %s", kind);
      subjects.put(kind, SubjectProcess.start(kind, workload));
    }
  }

  private void round(int round) {
    for (var task : workload.tasks()) {
      if (round == 1) {
        say("Warming up: %s", task);
        forEach(task, (kind, subject) -> subject.warmUp(task));
      }
      say("Round %d of %d: %s", round, turns.rounds(), task);
      forEach(task, (kind, subject) -> turn(task, kind, subject));
      if (peakKilobytes.isEmpty()) {
        subjects.forEach((kind, subject) -> peakKilobytes.put(kind, subject.peakKilobytes()));
      }
    }
  }

  private void turn(Task task, K kind, SubjectProcess subject) {
    times
        .computeIfAbsent(task, t -> new LinkedHashMap<>())
        .computeIfAbsent(kind, k -> new ArrayList<>())
        .addAll(subject.measure(task, turns.milliseconds()));
  }

  private void forEach(Task task, BiConsumer<K, SubjectProcess> action) {
    subjects.forEach(
        (kind, subject) -> {
          var refused = refusals.computeIfAbsent(task, t -> new LinkedHashMap<>());
          if (workload.includes(kind, task) && !refused.containsKey(kind)) {
            try {
              action.accept(kind, subject);
            } catch (TaskRefusedException e) {
              refused.put(kind, e.getMessage());
            }
          }
        });
  }

  private Figures<K> figures() {
    var percentiles = new HashMap<Task, Map<K, Percentiles>>();
    times.forEach(
        (task, bySubject) -> {
          var figures = new LinkedHashMap<K, Percentiles>();
          bySubject.forEach((kind, values) -> figures.put(kind, Percentiles.of(values)));
          percentiles.put(task, figures);
        });
    return new Figures<>(percentiles, refusals, peakKilobytes);
  }

  private static void say(String format, Object... values) {
    System.err.println(String.format(format, values));
  }

  @Override
  public void close() {
    subjects.values().forEach(SubjectProcess::close);
  }
}
