package dev.expanse.core.onnx;

import dev.expanse.core.network.NetworkSpec;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a file says of its network beside the graph, as ONNX's {@code metadata_props}.
 *
 * @param spec the network
 * @param mean what was subtracted from red, green and blue, on a scale of 0 to 1, before the
 *     network
 * @param deviation what they were divided by after that
 * @param version of the program that wrote the file
 */
public record OnnxMetadata(
    NetworkSpec spec, List<Float> mean, List<Float> deviation, String version) {

  /** Copies the lists. */
  public OnnxMetadata {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
  }

  /**
   * By label: {@code network}, {@code network_hash}, {@code network_hocon}, {@code resolution}
   * (pixels), {@code classes}, {@code input_layout}, {@code input_mean} and {@code input_deviation}
   * (red, green, blue, with commas between), {@code output} and {@code version}, each after {@code
   * expanse.}; in alphabetical order.
   */
  public Map<String, String> labels() {
    var labels = new TreeMap<String, String>();
    labels.put("expanse.network", spec.name());
    labels.put("expanse.network_hash", spec.hash());
    labels.put("expanse.network_hocon", spec.toHocon());
    labels.put("expanse.resolution", String.valueOf(spec.resolution()));
    labels.put("expanse.classes", String.valueOf(spec.classes()));
    labels.put("expanse.input_layout", "NCHW, RGB");
    labels.put("expanse.input_mean", commas(mean));
    labels.put("expanse.input_deviation", commas(deviation));
    labels.put("expanse.output", OnnxModel.OUTPUT);
    labels.put("expanse.version", version);
    return labels;
  }

  private static String commas(List<Float> values) {
    return values.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
