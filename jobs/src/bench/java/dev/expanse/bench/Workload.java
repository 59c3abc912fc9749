package dev.expanse.bench;

import java.util.List;

/**
 * What the subjects of a benchmark do. The process of a subject makes it again from {@link
 * #arguments}.
 *
 * @param <K> the kinds of its subjects, with names of their own as strings
 */
sealed interface Workload<K> permits EngineWorkload, FamiliesWorkload, InputWorkload {

  /** The benchmark's name. */
  String benchmark();

  /** The subjects, in the order of the table. */
  List<K> subjects();

  /** The subject itself, in this process. */
  Subject create(K subject);

  /** What is measured, in this order. */
  List<Task> tasks();

  /** Whether that subject takes part in that task. */
  boolean includes(K subject, Task task);

  /** Threads of each subject. */
  int threads();

  /** Options of the JVM that a subject lives in. */
  List<String> jvmOptions();

  /** All of it, for the command line of a process. */
  List<String> arguments();

  /** The subject of that name, in this process. */
  default Subject create(String name) {
    return create(
        subjects().stream()
            .filter(subject -> subject.toString().equals(name))
            .findFirst()
            .orElseThrow());
  }

  /** What {@link #arguments} made of a workload of that benchmark. */
  static Workload<?> parse(String benchmark, List<String> arguments) {
    return switch (benchmark) {
      case EngineWorkload.BENCHMARK -> EngineWorkload.parse(arguments);
      case FamiliesWorkload.BENCHMARK -> FamiliesWorkload.parse(arguments);
      case InputWorkload.BENCHMARK -> InputWorkload.parse(arguments);
      default -> throw new IllegalArgumentException("No benchmark " + benchmark);
    };
  }
}
