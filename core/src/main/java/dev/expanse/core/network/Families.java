package dev.expanse.core.network;

import static java.util.Map.entry;

import dev.expanse.core.config.Settings;
import java.util.Map;
import java.util.function.Function;

/** The families that a {@link NetworkSpec} may name, each with the reader of its knobs. */
final class Families {
  private static final Map<String, Function<Settings, Family>> READERS =
      Map.ofEntries(
          entry(Vgg.KEY, Vgg::read),
          entry(GoogLeNet.KEY, GoogLeNet::read),
          entry(ResNet.KEY, ResNet::read),
          entry(DenseNet.KEY, DenseNet::read),
          entry(Xception.KEY, Xception::read),
          entry(MobileNetV1.KEY, MobileNetV1::read),
          entry(InvertedResidual.KEY, InvertedResidual::read),
          entry(ShuffleNetV2.KEY, ShuffleNetV2::read));

  private Families() {}

  static Family read(Settings settings) {
    var key = settings.text("family");
    settings.choice("family", key, READERS.keySet());
    return READERS.get(key).apply(settings.without("family"));
  }
}
