package dev.expanse.core.dl4j;

import dev.expanse.core.network.Shape;
import java.util.Objects;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The configuration of a vertex of a graph that computes a {@link VertexOperation}. Maps are {@code
 * [N, H, W, C]}, vectors {@code [N, C]}; Deeplearning4j's own vertices take channels to be the
 * second dimension, whatever the graph's format is.
 */
public final class ComputedVertex extends GraphVertex {
  private static final long serialVersionUID = 1L;

  @JsonProperty private final VertexOperation operation;

  ComputedVertex(@JsonProperty("operation") VertexOperation operation) {
    this.operation = Objects.requireNonNull(operation);
  }

  VertexOperation operation() {
    return operation;
  }

  @Override
  public InputType getOutputType(int index, InputType... inputs) {
    var shapes = Stream.of(inputs).map(ComputedVertex::shape).toList();
    var output = operation.outputShape(shapes);
    return operation.flattens() || inputs[0] instanceof InputType.InputTypeFeedForward
        ? InputType.feedForward(output.size())
        : InputType.convolutional(
            output.height(), output.width(), output.channels(), CNN2DFormat.NHWC);
  }

  private static Shape shape(InputType type) {
    if (type instanceof InputType.InputTypeConvolutional map
        && map.getFormat() == CNN2DFormat.NHWC) {
      return new Shape((int) map.getHeight(), (int) map.getWidth(), (int) map.getChannels());
    }
    if (type instanceof InputType.InputTypeFeedForward vector) {
      return new Shape(1, 1, (int) vector.getSize());
    }
    throw new IllegalArgumentException(
        "Cannot compute with " + type + ": expected maps of [N, H, W, C] or vectors");
  }

  @Override
  public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray parameters,
      boolean initialize,
      DataType type) {
    return new ComputingVertex(graph, name, index, operation, type);
  }

  @Override
  public long numParams(boolean backprop) {
    return 0;
  }

  @Override
  public int minVertexInputs() {
    return 1;
  }

  @Override
  public int maxVertexInputs() {
    return Integer.MAX_VALUE;
  }

  @Override
  public MemoryReport getMemoryReport(InputType... inputs) {
    return new LayerMemoryReport.Builder(
            null, ComputedVertex.class, inputs[0], getOutputType(-1, inputs))
        .standardMemory(0, 0)
        .workingMemory(0, 0, 0, 0)
        .cacheMemory(0, 0)
        .build();
  }

  @Override
  public ComputedVertex clone() {
    return new ComputedVertex(operation); // which is immutable
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ComputedVertex o && operation.equals(o.operation);
  }

  @Override
  public int hashCode() {
    return operation.hashCode();
  }

  @Override
  public String toString() {
    return "ComputedVertex(" + operation + ")";
  }
}
