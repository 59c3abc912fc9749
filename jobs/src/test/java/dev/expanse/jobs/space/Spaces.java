package dev.expanse.jobs.space;

import dev.expanse.core.config.Settings;

/** Search spaces small enough to count by hand. */
final class Spaces {
  /** 3 stages of 1, 2 x 3 - 1 and 2 options, and 2 x 2 values: 40 configurations. */
  static final String SMALL =
      """
      name = small, family = inverted-residual, stem = 8, head = 16, classes = 4
      table = [[1, 8, 1, 2, 3], [4, 8, 1, 1, 3], [6, 16, 2, 2, 3]]
      stages = [
        { }
        { expansion = [4, 8], repeats = [0, 1, 2] }
        { kernel = [3, 4] }
      ]
      width = [0.5, 1], resolution = [16, 32]
      """;

  private Spaces() {}

  static SearchSpace read(String hocon) {
    return SearchSpace.read(Settings.parse(hocon, "space.conf"));
  }
}
