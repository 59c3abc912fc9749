package dev.expanse.jobs.prepare;

import dev.expanse.jobs.data.Dataset;
import java.util.List;
import java.util.Optional;

/** The names of splits. */
final class Splits {
  /** All that there can be, in the order in which they are written. */
  static final List<String> ALL = List.of(Dataset.TRAIN, Dataset.VALIDATION, "test");

  /** What {@link ImageRef#split()} is where the source has no splits. */
  static final String NONE = "";

  private Splits() {}

  /** The split that a folder has: {@code train}, or a part of it such as {@code train.X1}. */
  static Optional<String> ofFolder(String name) {
    return ALL.stream()
        .filter(split -> name.equals(split) || name.startsWith(split + "."))
        .findFirst();
  }
}
