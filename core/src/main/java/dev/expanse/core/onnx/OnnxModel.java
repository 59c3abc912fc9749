package dev.expanse.core.onnx;

import dev.expanse.core.network.ConvNormActivation;
import dev.expanse.core.network.Network;
import dev.expanse.core.network.Weights;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import onnx.Onnx.ModelProto;
import onnx.Onnx.OperatorSetIdProto;
import onnx.Onnx.StringStringEntryProto;
import org.nd4j.shade.protobuf.CodedOutputStream;

/**
 * A trained network as an ONNX model, for any runtime that knows operator set 13. It takes images
 * {@code [batch, 3, H, W]} of floats, normalised, under the name of the network's input, and gives
 * {@value #OUTPUT} {@code [batch, classes]}, for a batch of any size. Auxiliary classifiers are
 * left out. Equal networks with equal weights are equal bytes.
 */
public final class OnnxModel {
  /** The name of what it gives. */
  public static final String OUTPUT = "probabilities";

  private static final int OPERATOR_SET = 13;
  private static final int IR_VERSION = 7; // the one of ONNX 1.8, which has that set

  /** Of weights; the rest is for names and operators. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - (16 << 20);

  private final ModelProto model;

  private OnnxModel(ModelProto model) {
    this.model = model;
  }

  /** What becomes of batch norms. */
  public enum Norms {
    /** Those that alone read a convolution become part of its weights. */
    FOLDED,
    /** All are operators of their own. */
    KEPT
  }

  /** What a file lacks for a network, which is room; empty if it fits. */
  public static Optional<String> unsupported(Network network) {
    long weights =
        network.inference().nodes().stream()
            .flatMap(node -> Weights.sizes(node).values().stream())
            .mapToLong(size -> (long) size * Float.BYTES)
            .sum();
    return weights <= MOST_BYTES
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "room for weights of %,d bytes: an ONNX file has 2 GiB at most",
                weights));
  }

  /**
   * The model of a network without metadata.
   *
   * @param weights the network's, or those of the same network with auxiliary classifiers
   * @throws IllegalArgumentException if the network is {@link #unsupported}, or the weights are of
   *     another one
   */
  public static OnnxModel of(Network network, Weights weights, Norms norms) {
    return new OnnxModel(model(network, weights, norms, "network").build());
  }

  /**
   * The model of the network that {@code metadata} describes, with that metadata.
   *
   * @throws IllegalArgumentException if the network is {@link #unsupported}, or the weights are of
   *     another one
   */
  public static OnnxModel of(OnnxMetadata metadata, Weights weights, Norms norms) {
    var model = model(metadata.spec().network(), weights, norms, metadata.spec().name());
    model.setProducerVersion(metadata.version());
    metadata
        .labels()
        .forEach(
            (label, value) ->
                model.addMetadataProps(
                    StringStringEntryProto.newBuilder().setKey(label).setValue(value)));
    return new OnnxModel(model.build());
  }

  private static ModelProto.Builder model(
      Network network, Weights weights, Norms norms, String name) {
    unsupported(network)
        .ifPresent(
            reason -> {
              throw new IllegalArgumentException("Cannot do without " + reason);
            });
    var inference = network.inference();
    var folded = norms == Norms.FOLDED ? folded(inference) : Map.<Network.Node, Network.Node>of();
    var graph = OnnxOperators.graph(inference, weights, folded, OUTPUT);
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("Expanse")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPERATOR_SET))
        .setGraph(graph.build(name));
  }

  private static Map<Network.Node, Network.Node> folded(Network network) {
    var norms = new LinkedHashMap<Network.Node, Network.Node>();
    ConvNormActivation.in(network).forEach((node, unit) -> norms.put(node, unit.norm()));
    return norms;
  }

  /** How many operators it has. */
  public int operators() {
    return model.getGraph().getNodeCount();
  }

  /** How many bytes its file has. */
  public long size() {
    return model.getSerializedSize();
  }

  /** Writes its file. */
  public void writeTo(OutputStream out) throws IOException {
    model.writeTo(out);
  }

  /** Its file, outside the heap, from the beginning. */
  ByteBuffer bytes() {
    var bytes = ByteBuffer.allocateDirect(model.getSerializedSize());
    try {
      var out = CodedOutputStream.newInstance(bytes);
      model.writeTo(out);
      out.flush();
    } catch (IOException e) { // none is possible in memory
      throw new UncheckedIOException(e);
    }
    return bytes.rewind();
  }
}
