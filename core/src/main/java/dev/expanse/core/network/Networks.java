package dev.expanse.core.network;

import static dev.expanse.core.network.ResNet.Block.BASIC;
import static dev.expanse.core.network.ResNet.Block.BOTTLENECK;

import dev.expanse.core.config.InvalidInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The networks that have a name. */
public final class Networks {
  private static final int CLASSES = 1000;

  private static final Map<String, NetworkSpec> BY_NAME = new LinkedHashMap<>();

  static {
    name("vgg-11", Vgg.of(false, 1, 1, 2, 2, 2));
    name("vgg-11-bn", Vgg.of(true, 1, 1, 2, 2, 2));
    name("vgg-13", Vgg.of(false, 2, 2, 2, 2, 2));
    name("vgg-13-bn", Vgg.of(true, 2, 2, 2, 2, 2));
    name("vgg-16", Vgg.of(false, 2, 2, 3, 3, 3));
    name("vgg-16-bn", Vgg.of(true, 2, 2, 3, 3, 3));
    name("vgg-19", Vgg.of(false, 2, 2, 4, 4, 4));
    name("vgg-19-bn", Vgg.of(true, 2, 2, 4, 4, 4));
    name("googlenet", GoogLeNet.GOOGLENET);
    residual("resnet", 0);
    name("densenet-121", DenseNet.of(6, 12, 24, 16));
    name("densenet-169", DenseNet.of(6, 12, 32, 32));
    name("densenet-201", DenseNet.of(6, 12, 48, 32));
    BY_NAME.put("xception", new NetworkSpec("xception", Xception.XCEPTION, 299, CLASSES));
    name("mobilenet-v1", MobileNetV1.MOBILENET_V1);
    residual("se-resnet", 16);
    name("mobilenet-v2", InvertedResidual.MOBILENET_V2);
    name("shufflenet-v2-0.5", ShuffleNetV2.of(48, 96, 192, 1024));
    name("shufflenet-v2-1.0", ShuffleNetV2.of(116, 232, 464, 1024));
    name("shufflenet-v2-1.5", ShuffleNetV2.of(176, 352, 704, 1024));
    name("shufflenet-v2-2.0", ShuffleNetV2.of(244, 488, 976, 2048));
    name("ecnn", InvertedResidual.ECNN);
  }

  private Networks() {}

  private static void residual(String name, int squeezeExcite) {
    name(name + "-18", ResNet.of(BASIC, squeezeExcite, 2, 2, 2, 2));
    name(name + "-34", ResNet.of(BASIC, squeezeExcite, 3, 4, 6, 3));
    name(name + "-50", ResNet.of(BOTTLENECK, squeezeExcite, 3, 4, 6, 3));
    name(name + "-101", ResNet.of(BOTTLENECK, squeezeExcite, 3, 4, 23, 3));
    name(name + "-152", ResNet.of(BOTTLENECK, squeezeExcite, 3, 8, 36, 3));
  }

  private static void name(String name, Family family) {
    BY_NAME.put(name, new NetworkSpec(name, family, 224, CLASSES));
  }

  /** The names, in the order of the networks' publication. */
  public static Set<String> names() {
    return Collections.unmodifiableSet(BY_NAME.keySet());
  }

  /** The names for a message, such as {@code googlenet, resnet-[18, 34], xception}. */
  static String listed() {
    var bySeries = new LinkedHashMap<String, List<String>>();
    for (var name : BY_NAME.keySet()) {
      var parts = name.split("-(?=\\d)", 2);
      bySeries
          .computeIfAbsent(parts[0], series -> new ArrayList<>())
          .add(parts.length == 1 ? "" : parts[1]);
    }
    return bySeries.entrySet().stream()
        .map(
            series ->
                series.getValue().contains("")
                    ? series.getKey()
                    : series.getKey() + "-" + series.getValue())
        .collect(Collectors.joining(", "));
  }

  /**
   * The network of that name at its published size: images of 224 x 224 (Xception: 299 x 299) and
   * 1000 classes.
   *
   * @throws InvalidInputException if no network has that name; the message lists those that have
   */
  public static NetworkSpec named(String name) {
    var spec = BY_NAME.get(name);
    if (spec == null) {
      throw InvalidInputException.of(
          "network = %s: expected one of %s, or a file ending in .conf", name, listed());
    }
    return spec;
  }
}
