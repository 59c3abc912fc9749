package dev.expanse.core.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures all subjects in one run. They live side by side and take turns: in a round every subject
 * has a turn of a second or so at a task, one call at least, then at the next task. A machine that
 * is slower for a while is so for all of them. What counts are all calls of all rounds. Before its
 * first turn at a task a subject warms up for some seconds.
 *
 * <p>The peak of resident memory is read after the first turn at training, when a subject has done
 * nothing else yet.
 */
final class EngineMeasurement implements AutoCloseable {
  private final List<Task> tasks;
  private final int rounds;
  private final Map<SubjectKind, SubjectProcess> subjects = new EnumMap<>(SubjectKind.class);
  private final Map<Task, Map<SubjectKind, List<Double>>> times = new HashMap<>();
  private final Map<SubjectKind, Long> peakKilobytes = new EnumMap<>(SubjectKind.class);

  /** All figures: times in milliseconds, memory in kilobytes. */
  record Figures(
      Map<Task, Map<SubjectKind, Percentiles>> times, Map<SubjectKind, Long> peakKilobytes) {}

  private EngineMeasurement(Workload workload, int rounds) {
    tasks = workload.tasks();
    this.rounds = rounds;
  }

  /**
   * Starts the subjects, measures them and ends them.
   *
   * @throws SubjectFailedException if the process of a subject ends before it is measured
   */
  static Figures run(Workload workload, int rounds) {
    try (var measurement = new EngineMeasurement(workload, rounds)) {
      measurement.start(workload);
      for (int round = 1; round <= rounds; round++) {
        measurement.round(round);
      }
      return measurement.figures();
    }
  }

  private void start(Workload workload) {
    for (var kind : SubjectKind.values()) {
      say("Starting %s", kind);
      subjects.put(kind, SubjectProcess.start(kind, workload));
    }
  }

  private void round(int round) {
    for (var task : tasks) {
      if (round == 1) {
        warmUp(task);
      }
      say("Round %d of %d: %s", round, rounds, task);
      subjects.forEach(
          (kind, subject) ->
              times
                  .computeIfAbsent(task, t -> new EnumMap<>(SubjectKind.class))
                  .computeIfAbsent(kind, k -> new ArrayList<>())
                  .addAll(subject.measure(task)));
      if (round == 1 && task.what() == Task.What.TRAIN) {
        subjects.forEach((kind, subject) -> peakKilobytes.put(kind, subject.peakKilobytes()));
      }
    }
  }

  private void warmUp(Task task) {
    say("Warming up: %s", task);
    subjects.values().forEach(subject -> subject.warmUp(task));
  }

  private Figures figures() {
    var percentiles = new HashMap<Task, Map<SubjectKind, Percentiles>>();
    times.forEach(
        (task, bySubject) -> {
          var figures = new EnumMap<SubjectKind, Percentiles>(SubjectKind.class);
          bySubject.forEach((kind, values) -> figures.put(kind, Percentiles.of(values)));
          percentiles.put(task, figures);
        });
    return new Figures(percentiles, peakKilobytes);
  }

  private static void say(String format, Object... values) {
    System.err.println(String.format(format, values));
  }

  @Override
  public void close() {
    subjects.values().forEach(SubjectProcess::close);
  }
}
