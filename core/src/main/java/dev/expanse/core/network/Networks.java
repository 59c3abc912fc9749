package dev.expanse.core.network;

import dev.expanse.core.config.InvalidInputException;
import dev.expanse.core.network.InvertedResidual.Row;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The networks that have a name. */
public final class Networks {

  /**
   * MobileNetV2 (Sandler et al., 2018, table 2), as torchvision has it: 3,504,872 parameters and
   * 300,774,272 MACs at 224 x 224 and 1000 classes.
   */
  public static final Family MOBILENET_V2 =
      InvertedResidual.of(
          new Row(1, 16, 1, 1, 3),
          new Row(6, 24, 2, 2, 3),
          new Row(6, 32, 3, 2, 3),
          new Row(6, 64, 4, 2, 3),
          new Row(6, 96, 3, 1, 3),
          new Row(6, 160, 3, 2, 3),
          new Row(6, 320, 1, 1, 3));

  /**
   * The network of "Efficient Convolutional Neural Network with low Complexity" (Lee, Lee, Ho,
   * 2020), as far as its abstract fixes it: MobileNetV2 with larger expansion factors, adjusted
   * channel counts and a few layers left out, at half the computation or less. The paper's own
   * table is not public: <b>this one is a reconstruction</b>, of 144,685,056 MACs at 224 x 224 and
   * 100 classes, where MobileNetV2 has 299,622,272.
   */
  public static final Family ECNN =
      InvertedResidual.of(
          new Row(1, 16, 1, 1, 3),
          new Row(6, 16, 1, 2, 3),
          new Row(8, 24, 2, 2, 3),
          new Row(8, 48, 2, 2, 3),
          new Row(8, 64, 2, 1, 3),
          new Row(8, 112, 2, 2, 3),
          new Row(8, 160, 1, 1, 3));

  private static final Map<String, Family> BY_NAME = new LinkedHashMap<>();

  static {
    BY_NAME.put("mobilenet-v2", MOBILENET_V2);
    BY_NAME.put("ecnn", ECNN);
  }

  private Networks() {}

  /** The names, in the order of the networks' publication. */
  public static Set<String> names() {
    return java.util.Collections.unmodifiableSet(BY_NAME.keySet());
  }

  /**
   * The network of that name at its published size: 224 x 224 images of 1000 classes.
   *
   * @throws InvalidInputException if no network has that name; the message lists those that have
   */
  public static NetworkSpec named(String name) {
    var family = BY_NAME.get(name);
    if (family == null) {
      throw InvalidInputException.of(
          "network = %s: expected one of %s, or a file ending in .conf",
          name, String.join(", ", names()));
    }
    return new NetworkSpec(name, family, 224, 1000);
  }
}
