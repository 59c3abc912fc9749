package dev.expanse.core.network;

import dev.expanse.core.config.Settings;
import java.util.Map;
import java.util.function.Function;

/** The families that a {@link NetworkSpec} may name, each with the reader of its knobs. */
final class Families {
  private static final Map<String, Function<Settings, Family>> READERS =
      Map.of(InvertedResidual.KEY, InvertedResidual::read);

  private Families() {}

  static Family read(Settings settings) {
    var key = settings.text("family");
    settings.choice("family", key, READERS.keySet());
    return READERS.get(key).apply(settings.without("family"));
  }
}
